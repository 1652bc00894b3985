/* Writes down which functions of a program run, by their names, in the order in which each runs for the first time.
 *
 * Loaded into the program with LD_PRELOAD, on Linux with an x86-64 processor. FIRST_CALLS_OF names a list of functions
 * by address ("hex-address name", ascending), FIRST_CALLS_TO the file that the names are appended to. The first byte of
 * each function becomes a breakpoint; who runs into one puts the byte back, and goes on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

enum { BREAKPOINT = 0xcc };

struct function {
  uint8_t *at;
  uint8_t byte;
  char *line; /* its name and a line break */
};

static struct function *functions;
static size_t count;
static int written_to;

static struct function *first_at(const uint8_t *at) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (functions[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return low < count && functions[low].at == at ? &functions[low] : NULL;
}

/* Two threads may come here for one function: the second finds the byte in its place. */
static void ran(int signal, siginfo_t *info, void *context) {
  (void)info;
  greg_t *next = &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  struct function *function = first_at((uint8_t *)*next - 1);
  if (!function) {
    /* A breakpoint of somebody else: as if this were not here. */
    sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    raise(signal);
    return;
  }
  if (__atomic_exchange_n(function->at, function->byte, __ATOMIC_SEQ_CST) == BREAKPOINT)
    for (struct function *same = function; same < functions + count && same->at == function->at; same++)
      if (write(written_to, same->line, strlen(same->line)) < 0) abort();
  *next -= 1;
}

/* The program comes first among what is loaded. Its code becomes writable. */
static int open_code(struct dl_phdr_info *program, size_t size, void *base) {
  (void)size;
  *(uint8_t **)base = (uint8_t *)program->dlpi_addr;
  for (int i = 0; i < program->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &program->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (program->dlpi_addr + part->p_vaddr) & ~(page - 1);
    uintptr_t to = program->dlpi_addr + part->p_vaddr + part->p_memsz;
    if (mprotect((void *)from, to - from, PROT_READ | PROT_WRITE | PROT_EXEC)) abort();
  }
  return 1;
}

__attribute__((constructor)) static void set_breakpoints(void) {
  const char *list = getenv("FIRST_CALLS_OF"), *to = getenv("FIRST_CALLS_TO");
  FILE *file = list ? fopen(list, "r") : NULL;
  written_to = to ? open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
  if (!file || written_to < 0) abort();
  /* What the program starts is not asked. */
  unsetenv("LD_PRELOAD");

  uint8_t *base;
  dl_iterate_phdr(open_code, &base);
  char *line = NULL;
  size_t room = 0, held = 0;
  while (getline(&line, &room, file) > 0) {
    char *name;
    uint8_t *at = base + strtoull(line, &name, 16);
    if (*at == BREAKPOINT) continue; /* could not be told from ours */
    if (count == held && !(functions = realloc(functions, (held = 2 * held + 1024) * sizeof *functions))) abort();
    functions[count++] = (struct function){.at = at, .byte = *at, .line = strdup(name + 1)};
  }
  fclose(file);
  sigaction(SIGTRAP, &(struct sigaction){.sa_sigaction = ran, .sa_flags = SA_SIGINFO | SA_NODEFER}, NULL);
  for (size_t i = 0; i < count; i++) *functions[i].at = BREAKPOINT;
}
