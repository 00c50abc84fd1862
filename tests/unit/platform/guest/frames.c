// Calls three deep that end in a breakpoint: what the tests of symbols and backtraces read. Built with and without debug information, with a frame pointer, and stripped.
typedef unsigned long word;

word deepest(word value);
word middle(word value);
word outer(word value);
void start(void);

word table[4] = {1, 2, 3, 4};

__attribute__((noinline, noclone)) word deepest(word value) {
  table[1] = value;
  __asm__ volatile("ebreak" ::"r"(value) : "memory");  // HERE: deepest
  return table[2];
}

__attribute__((noinline, noclone)) word middle(word value) {
  volatile word room[20];
  room[value] = value;
  return deepest(value + 1) + room[value];  // HERE: middle
}

__attribute__((noinline, noclone)) word outer(word value) {
  return middle(value + 1) * 3;  // HERE: outer
}

__attribute__((naked, section(".text.start"))) void start(void) { __asm__ volatile("li sp, 0x80010000\n li a0, 3\n call outer\n 1: j 1b"); }
