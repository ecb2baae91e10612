/* A network file system without locks: while the file NO_LOCKS is there, fcntl and flock refuse, with its content's error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int refused(void) {
    FILE *flag = fopen(getenv("NO_LOCKS"), "r");
    if (!flag) return 0;
    int code = 0, found = fscanf(flag, "%d", &code);
    fclose(flag);
    errno = code;
    return found == 1;
}

#define FCNTL(name)                                                                      \
    int name(int file, int command, ...) {                                               \
        va_list rest;                                                                    \
        va_start(rest, command);                                                         \
        void *argument = va_arg(rest, void *);                                           \
        va_end(rest);                                                                    \
        int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK;     \
        if (locks && refused()) return -1;                                               \
        return ((int (*)(int, int, ...))dlsym(RTLD_NEXT, #name))(file, command, argument); \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

int flock(int file, int operation) {
    if (refused()) return -1;
    return ((int (*)(int, int))dlsym(RTLD_NEXT, "flock"))(file, operation);
}
