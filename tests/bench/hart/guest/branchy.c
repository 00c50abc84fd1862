/* Branchy code: a binary search tree without balance, filled and searched with pseudo-random keys, by recursive calls and through a table of functions; a device register is read about every
   1,000 instructions. The check: what a search finds is what was put in, and half the keys that are searched for were. */
#ifndef REPEAT
#define REPEAT 12
#endif
enum { nodes = 1 << 10, searches = 1 << 14, searches_a_poll = 5 };
struct node {
  unsigned key, value;
  struct node *left, *right;
};
static struct node pool[nodes];
static unsigned used;

static unsigned state = 1;
static __attribute__((noinline)) unsigned next_random(void) { /* xorshift32, Marsaglia 2003 */
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static __attribute__((noinline)) struct node* insert(struct node* at, unsigned key) {
  if (at == 0) {
    struct node* fresh = &pool[used++];
    fresh->key = key, fresh->value = ~key, fresh->left = fresh->right = 0;
    return fresh;
  }
  if (key < at->key)
    at->left = insert(at->left, key);
  else if (key > at->key)
    at->right = insert(at->right, key);
  return at;
}

static __attribute__((noinline, optimize("no-optimize-sibling-calls"))) const struct node* find(const struct node* at, unsigned key) {
  if (at == 0 || at->key == key) return at;
  return find(key < at->key ? at->left : at->right, key);
}

static __attribute__((noinline)) unsigned mix_add(unsigned a, unsigned b) { return a + b; }
static __attribute__((noinline)) unsigned mix_xor(unsigned a, unsigned b) { return a ^ (b >> 1); }
static __attribute__((noinline)) unsigned mix_rotate(unsigned a, unsigned b) { return (a << 7 | a >> 25) + b; }
static __attribute__((noinline)) unsigned mix_select(unsigned a, unsigned b) { return a > b ? a - b : b - a; }
static unsigned (*const volatile mixes[4])(unsigned, unsigned) = {mix_add, mix_xor, mix_rotate, mix_select};

int main(void) {
  volatile const unsigned char* const line_status = (volatile const unsigned char*)0x10000005; /* of the UART */
  unsigned digest = 0, first = 0;
  for (int repeat = 0; repeat < REPEAT; ++repeat) {
    struct node* root = 0;
    used = 0, state = 2463534242u;
    for (unsigned i = 0; i < nodes; ++i) root = insert(root, next_random() | 1);
    unsigned found = 0;
    digest = 0;
    for (unsigned i = 0; i < searches; ++i) {
      const unsigned random = next_random(), wanted = (random & 0x10000) != 0 ? pool[random % used].key : random & ~1u;
      const struct node* hit = find(root, wanted);
      if (hit != 0) {
        if (hit->value != ~wanted) return 1;
        ++found;
      } else if ((wanted & 1) != 0) {
        return 1;
      }
      digest = mixes[random >> 30](digest, wanted);
      if (i % searches_a_poll == 0 && (*line_status & 0x60) != 0x60) return 1; /* nothing was sent: empty */
    }
    if (found < searches * 49 / 100 || found > searches * 51 / 100) return 1;
    if (repeat == 0) first = digest;
  }
  return digest != first;
}
