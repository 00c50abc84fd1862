/* Integer matrix product C = A B with A[i][k] = i + k, B[k][j] = k - j.
   Sum of all C = sum over k of (column sum of A at k) * (row sum of B at k), computed separately as the check. */
#ifndef REPEAT
#define REPEAT 40
#endif
enum { n = 96 };
static int a[n][n], b[n][n], c[n][n];

int main(void) {
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) a[i][j] = i + j, b[i][j] = i - j;
  for (int repeat = 0; repeat < REPEAT; ++repeat)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        int sum = 0;
        for (int k = 0; k < n; ++k) sum += a[i][k] * b[k][j];
        c[i][j] = sum;
      }
  long total = 0, expected = 0;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) total += c[i][j];
  for (int k = 0; k < n; ++k) {
    long column = 0, row = 0;
    for (int i = 0; i < n; ++i) column += a[i][k], row += b[k][i];
    expected += column * row;
  }
  return total != expected;
}
