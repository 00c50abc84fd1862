/* CRC-32 (IEEE 802.3, reflected, table-driven) of 64 KiB; the check value of "123456789" is 0xcbf43926 (RFC 3309's family of check values). */
#ifndef REPEAT
#define REPEAT 400
#endif
enum { length = 1 << 16 };
static unsigned table[256];
static unsigned char data[length];

static __attribute__((noinline)) unsigned crc32(const unsigned char* bytes, long count) {
  unsigned crc = ~0u;
  for (long i = 0; i < count; ++i) crc = table[(crc ^ bytes[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

int main(void) {
  for (unsigned i = 0; i < 256; ++i) {
    unsigned value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) ? 0xedb88320u ^ (value >> 1) : value >> 1;
    table[i] = value;
  }
  if (crc32((const unsigned char*)"123456789", 9) != 0xcbf43926u) return 1;
  for (int i = 0; i < length; ++i) data[i] = (unsigned char)(i * 7);
  unsigned first = crc32(data, length), last = first;
  for (int repeat = 0; repeat < REPEAT; ++repeat) {
    __asm__ volatile("" ::: "memory"); /* else the compiler computes it once */
    last = crc32(data, length);
  }
  return first != last;
}
