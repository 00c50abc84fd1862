// A program of the C library's own semihosting: console, files, clock, exit code.
#include <errno.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  printf("hello from semihosting\n");
  if (getchar() != 'k') return 8;
  FILE* file = fopen("made.txt", "w");
  if (file == NULL) {
    printf("no files: %d\n", errno != 0);
    return 7;
  }
  fprintf(file, "%d bottles\n", 99);
  fclose(file);
  char line[32] = "";
  file = fopen("made.txt", "r");
  fgets(line, sizeof line, file);
  fclose(file);
  printf("read back: %s", line);
  printf("outside: %s\n", fopen("../outside.txt", "w") == NULL && fopen("/etc/hostname", "r") == NULL && fopen("link", "r") == NULL ? "refused" : "reached");
  return 3;
}
