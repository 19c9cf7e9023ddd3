/* Ends the process that it is preloaded into at its n-th file operation below some folders.

   FILEOPS_BELOW   folders, separated by colons; what happens elsewhere is not counted
   FILEOPS_LOG     a file outside of them: one line an operation (number, name, path)
   FILEOPS_AT      n, from 1; 0 or unset: only count
   FILEOPS_WHEN    before, after, or half (a write does half of its bytes, all else is done)
   FILEOPS_REFUSE  renameat2 and link, separated by commas: as on file systems that have none
                   (between two file systems the kernel's EXDEV comes first, as it does there)

   Only the process itself is counted: what it forks has another pid. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum when { BEFORE, HALF, AFTER };

static pid_t self;
static int log_fd = -1, count, at;
static enum when when = AFTER;
static const char *below = "", *refused = "";
static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
    const char *word = getenv("FILEOPS_WHEN"), *log = getenv("FILEOPS_LOG");
    self = getpid();
    at = getenv("FILEOPS_AT") ? atoi(getenv("FILEOPS_AT")) : 0;
    if (word)
        when = !strcmp(word, "before") ? BEFORE : !strcmp(word, "half") ? HALF : AFTER;
    below = getenv("FILEOPS_BELOW") ? strdup(getenv("FILEOPS_BELOW")) : "";
    refused = getenv("FILEOPS_REFUSE") ? strdup(getenv("FILEOPS_REFUSE")) : "";
    if (log) {
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, log,
                              O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        char line[64];
        int size = snprintf(line, sizeof line, "0 begin %d\n", (int)self);
        syscall(SYS_write, log_fd, line, (size_t)size);
    }
}

static void die(void)
{
    kill(self, SIGKILL);
    for (;;)
        pause();
}

static int is_below(const char *path)
{
    for (const char *folder = below; *folder;) {
        size_t size = strcspn(folder, ":");
        if (size && !strncmp(path, folder, size) && (!path[size] || path[size] == '/'))
            return 1;
        folder += size + (folder[size] == ':');
    }
    return 0;
}

static void path_of_fd(int fd, char *to)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, to, PATH_MAX - 1);
    to[size > 0 ? size : 0] = 0;
}

static void path_at(int folder, const char *path, char *to)
{
    char start[PATH_MAX] = "";
    if (path[0] != '/') {
        if (folder == AT_FDCWD) {
            if (!getcwd(start, sizeof start))
                start[0] = 0;
        } else {
            path_of_fd(folder, start);
        }
    }
    if (snprintf(to, PATH_MAX, "%s%s%s", start, start[0] ? "/" : "", path) >= PATH_MAX)
        to[0] = 0;
}

/* The number of this operation, 0 when it is none of ours; may not return. */
static int counted(const char *name, const char *path)
{
    if (getpid() != self || !is_below(path))
        return 0;
    pthread_mutex_lock(&counting);
    int n = ++count;
    char line[PATH_MAX + 64];
    int size = snprintf(line, sizeof line, "%d %s %s\n", n, name, path);
    syscall(SYS_write, log_fd, line, (size_t)size);
    if (n == at && when == BEFORE)
        die();
    pthread_mutex_unlock(&counting);
    return n;
}

static void done(int n)
{
    if (n && n == at)
        die();
}

static dev_t device_of(const char *path)
{
    char folder[PATH_MAX];
    struct stat status;
    snprintf(folder, sizeof folder, "%s", path);
    char *last = strrchr(folder, '/');
    if (last)
        *last = 0;
    return stat(folder, &status) ? 0 : status.st_dev;
}

static int is_refused(const char *name)
{
    for (const char *word = refused; *word;) {
        size_t size = strcspn(word, ",");
        if (size == strlen(name) && !strncmp(word, name, size))
            return 1;
        word += size + (word[size] == ',');
    }
    return 0;
}

/* The wrappers: where is it, count it, do it. Here for operations with a path. */
#define AT(type, name, folder, path, params, ...) \
    type name params \
    { \
        char where[PATH_MAX]; \
        static type(*real) params; \
        if (!real) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        path_at(folder, path, where); \
        int n = counted(#name, where); \
        type result = real(__VA_ARGS__); \
        done(n); \
        return result; \
    }

/* For operations on an open file. */
#define ON_FD(type, name, fd, params, ...) \
    type name params \
    { \
        char where[PATH_MAX]; \
        static type(*real) params; \
        if (!real) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        path_of_fd(fd, where); \
        int n = counted(#name, where); \
        type result = real(__VA_ARGS__); \
        done(n); \
        return result; \
    }

/* A rename or link counts where either end lies below a folder of ours. */
#define TWO(type, name, from_at, from, to_at, to, params, ...) \
    type name params \
    { \
        char where[PATH_MAX], before[PATH_MAX]; \
        static type(*real) params; \
        if (!real) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        path_at(from_at, from, before); \
        path_at(to_at, to, where); \
        if (is_refused(#name) && device_of(before) == device_of(where)) { \
            errno = !strncmp(#name, "link", 4) ? EPERM : EINVAL; \
            return -1; \
        } \
        if (!is_below(where)) \
            strcpy(where, before); \
        int n = counted(#name, where); \
        type result = real(__VA_ARGS__); \
        done(n); \
        return result; \
    }

#define WRITES(name, params, all, half) \
    ssize_t name params \
    { \
        char where[PATH_MAX]; \
        static ssize_t(*real) params; \
        if (!real) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        path_of_fd(fd, where); \
        int n = counted(#name, where); \
        ssize_t result = n && n == at && when == HALF ? real half : real all; \
        done(n); \
        return result; \
    }

#define OPENS(name, folder, params, ...) \
    int name params \
    { \
        char where[PATH_MAX]; \
        int n = 0, mode = 0; \
        static int (*real)(__VA_ARGS__, ...); \
        if (!real) \
            *(void **)&real = dlsym(RTLD_NEXT, #name); \
        if (flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, int); \
            va_end(rest); \
        } \
        if (flags & (O_CREAT | O_TRUNC)) { \
            path_at(folder, path, where); \
            n = counted(#name, where); \
        }
#define OPENED \
        done(n); \
        return result; \
    }

OPENS(open, AT_FDCWD, (const char *path, int flags, ...), const char *, int)
int result = real(path, flags, mode);
OPENED
OPENS(open64, AT_FDCWD, (const char *path, int flags, ...), const char *, int)
int result = real(path, flags, mode);
OPENED
OPENS(openat, fd, (int fd, const char *path, int flags, ...), int, const char *, int)
int result = real(fd, path, flags, mode);
OPENED
OPENS(openat64, fd, (int fd, const char *path, int flags, ...), int, const char *, int)
int result = real(fd, path, flags, mode);
OPENED

WRITES(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
WRITES(pwrite, (int fd, const void *data, size_t size, off_t start), (fd, data, size, start),
       (fd, data, size / 2, start))
WRITES(pwrite64, (int fd, const void *data, size_t size, off64_t start), (fd, data, size, start),
       (fd, data, size / 2, start))
WRITES(copy_file_range,
       (int from, off64_t *from_start, int fd, off64_t *start, size_t size, unsigned flags),
       (from, from_start, fd, start, size, flags), (from, from_start, fd, start, size / 2, flags))
WRITES(sendfile, (int fd, int from, off_t *start, size_t size), (fd, from, start, size),
       (fd, from, start, size / 2))
WRITES(sendfile64, (int fd, int from, off64_t *start, size_t size), (fd, from, start, size),
       (fd, from, start, size / 2))

ON_FD(int, fsync, fd, (int fd), fd)
ON_FD(int, fdatasync, fd, (int fd), fd)
ON_FD(int, ftruncate, fd, (int fd, off_t size), fd, size)
ON_FD(int, ftruncate64, fd, (int fd, off64_t size), fd, size)
ON_FD(int, futimens, fd, (int fd, const struct timespec times[2]), fd, times)
ON_FD(int, fchmod, fd, (int fd, mode_t mode), fd, mode)

AT(int, unlink, AT_FDCWD, path, (const char *path), path)
AT(int, unlinkat, fd, path, (int fd, const char *path, int flags), fd, path, flags)
AT(int, rmdir, AT_FDCWD, path, (const char *path), path)
AT(int, mkdir, AT_FDCWD, path, (const char *path, mode_t mode), path, mode)
AT(int, mkdirat, fd, path, (int fd, const char *path, mode_t mode), fd, path, mode)
AT(int, chmod, AT_FDCWD, path, (const char *path, mode_t mode), path, mode)
AT(int, fchmodat, fd, path, (int fd, const char *path, mode_t mode, int flags), fd, path, mode,
   flags)
AT(int, utimensat, fd, path,
   (int fd, const char *path, const struct timespec times[2], int flags), fd, path, times, flags)
AT(int, symlink, AT_FDCWD, path, (const char *to, const char *path), to, path)

TWO(int, rename, AT_FDCWD, from, AT_FDCWD, to, (const char *from, const char *to), from, to)
TWO(int, renameat, from_fd, from, fd, to, (int from_fd, const char *from, int fd, const char *to),
    from_fd, from, fd, to)
TWO(int, renameat2, from_fd, from, fd, to,
    (int from_fd, const char *from, int fd, const char *to, unsigned flags), from_fd, from, fd, to,
    flags)
TWO(int, link, AT_FDCWD, from, AT_FDCWD, to, (const char *from, const char *to), from, to)
TWO(int, linkat, from_fd, from, fd, to,
    (int from_fd, const char *from, int fd, const char *to, int flags), from_fd, from, fd, to,
    flags)
