/* Journals what a program does to the files of one folder. To be preloaded (LD_PRELOAD).
 *
 * JOURNAL_OF names the folder, JOURNAL the file that gets an entry for each file made, write,
 * truncation, removal and sync. A change and its entry are made under one lock, so the entries stand
 * in the kernel's own order; the entry comes first, so that nothing is ever done that no entry tells
 * of. A sync covers the entries before its call, and its entry comes once it has succeeded, before
 * the program learns of it.
 *
 * The kernel is called directly, without looking up the functions that stand behind these here. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

_Static_assert(sizeof(long) == 8, "an offset is one argument of syscall()");

/* More descriptors than the server's connections and files take. */
#define DESCRIPTORS_MAX 65536

/* As journal.rs reads them. */
enum kind { CREATE, UNLINK, WRITE, TRUNCATE, SYNC };

/* The name within the folder of what a descriptor has open; the folder's own is empty. */
static char *names[DESCRIPTORS_MAX];
static const char *folder;
static int journal = -1;
static uint64_t entries;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

/* A journal with a gap would show what no disk can hold, so the program ends. */
static void fail(const char *why) {
    dprintf(STDERR_FILENO, "journal: %s: %s\n", why, strerror(errno));
    abort();
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("JOURNAL");
    folder = getenv("JOURNAL_OF");
    if (!file || !folder) fail("JOURNAL and JOURNAL_OF are not set");
    journal = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (journal < 0) fail(file);
}

/* The name of what is journalled: not the index of the log, which no sync ever covers and which
 * SQLite makes anew. */
static const char *name_of(const char *path) {
    size_t length = folder ? strlen(folder) : 0, whole = strlen(path);
    if (length == 0 || strncmp(path, folder, length) != 0) return NULL;
    if (path[length] == '\0') return path + length;
    if (path[length] != '/') return NULL;
    return whole > 4 && strcmp(path + whole - 4, "-shm") == 0 ? NULL : path + length + 1;
}

static const char *name_at(int descriptor) {
    return descriptor >= 0 && descriptor < DESCRIPTORS_MAX ? names[descriptor] : NULL;
}

static void append(enum kind kind, const char *name, uint64_t number, const void *data, size_t length) {
    uint64_t head[4] = {kind, strlen(name), number, length};
    struct iovec parts[3] = {{head, sizeof head}, {(void *)name, head[1]}, {(void *)data, length}};
    if (writev(journal, parts, 3) != (ssize_t)(sizeof head + head[1] + length)) fail("no entry");
    entries++;
}

static int open_at(const char *path, int flags, mode_t mode) {
    const char *name = name_of(path);
    if (!name) return syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    pthread_mutex_lock(&order);
    int changes = 1;
    if ((flags & O_CREAT) && access(path, F_OK) != 0) append(CREATE, name, 0, NULL, 0);
    else if (flags & O_TRUNC) append(TRUNCATE, name, 0, NULL, 0);
    else changes = 0;
    int opened = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if ((opened < 0 && changes) || opened >= DESCRIPTORS_MAX) fail("not opened");
    if (opened >= 0) names[opened] = strdup(name);
    pthread_mutex_unlock(&order);
    return opened;
}

#define MODE_AFTER(flags, mode) \
    mode_t mode = 0; \
    if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) { \
        va_list more; \
        va_start(more, flags); \
        mode = va_arg(more, mode_t); \
        va_end(more); \
    }

int open(const char *path, int flags, ...) {
    MODE_AFTER(flags, mode)
    return open_at(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_AFTER(flags, mode)
    return open_at(path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE_AFTER(flags, mode)
    return path[0] == '/' ? open_at(path, flags, mode) : syscall(SYS_openat, at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE_AFTER(flags, mode)
    return path[0] == '/' ? open_at(path, flags, mode) : syscall(SYS_openat, at, path, flags, mode);
}

int close(int descriptor) {
    if (name_at(descriptor)) {
        free(names[descriptor]);
        names[descriptor] = NULL;
    }
    return syscall(SYS_close, descriptor);
}

static ssize_t write_at(int descriptor, const void *data, size_t length, off_t offset) {
    pthread_mutex_lock(&order);
    append(WRITE, names[descriptor], offset, data, length);
    ssize_t written = syscall(SYS_pwrite64, descriptor, data, length, offset);
    if (written != (ssize_t)length) fail("not written");
    pthread_mutex_unlock(&order);
    return written;
}

ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
    if (name_at(descriptor)) return write_at(descriptor, data, length, offset);
    return syscall(SYS_pwrite64, descriptor, data, length, offset);
}

ssize_t pwrite64(int descriptor, const void *data, size_t length, off_t offset) {
    return pwrite(descriptor, data, length, offset);
}

/* Where the descriptor stands; no two threads write by one descriptor at once. */
ssize_t write(int descriptor, const void *data, size_t length) {
    if (!name_at(descriptor)) return syscall(SYS_write, descriptor, data, length);
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t written = write_at(descriptor, data, length, offset);
    lseek(descriptor, offset + written, SEEK_SET);
    return written;
}

int ftruncate(int descriptor, off_t size) {
    const char *name = name_at(descriptor);
    if (!name) return syscall(SYS_ftruncate, descriptor, size);
    pthread_mutex_lock(&order);
    append(TRUNCATE, name, size, NULL, 0);
    if (syscall(SYS_ftruncate, descriptor, size) != 0) fail("not truncated");
    pthread_mutex_unlock(&order);
    return 0;
}

int ftruncate64(int descriptor, off_t size) {
    return ftruncate(descriptor, size);
}

static int sync_by(long number, int descriptor) {
    const char *name = name_at(descriptor);
    if (!name) return syscall(number, descriptor);
    pthread_mutex_lock(&order);
    uint64_t covered = entries;
    pthread_mutex_unlock(&order);
    int failed = syscall(number, descriptor);
    if (failed) return failed;
    pthread_mutex_lock(&order);
    append(SYNC, name, covered, NULL, 0);
    pthread_mutex_unlock(&order);
    return 0;
}

int fsync(int descriptor) {
    return sync_by(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
    return sync_by(SYS_fdatasync, descriptor);
}

int unlink(const char *path) {
    const char *name = name_of(path);
    if (!name) return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    pthread_mutex_lock(&order);
    int there = access(path, F_OK) == 0;
    if (there) append(UNLINK, name, 0, NULL, 0);
    int failed = syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (there && failed) fail("not removed");
    pthread_mutex_unlock(&order);
    return failed;
}
