/* `beffroi._kernels`: the native routes, for Python. Buffers in, bytes out; `src/beffroi/_kernels.pyi` says which.
 *
 * Owns: checking of every size and kind before anything is computed.
 * Promises: no other thread waits meanwhile; nothing is kept between calls.
 * Never does: trust what an array holds.
 */
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdlib.h>
#include <string.h>

#include "pdq.h"

static const char *const PATH_NAMES[PDQ_PATHS] = {"portable", "avx2", "avx512"};

/* A buffer of whole units at an address that they can be read from. -1: refused, and Python knows why. */
static int take(PyObject *given, Py_buffer *buffer, const char *name, size_t unit, int flags) {
    if (PyObject_GetBuffer(given, buffer, flags) < 0) return -1;
    if ((size_t)buffer->len % unit == 0 && (buffer->len == 0 || (uintptr_t)buffer->buf % (unit < 8 ? unit : 8) == 0))
        return 0;
    PyErr_Format(PyExc_ValueError, "%s: not whole units of %zu bytes, or not aligned", name, unit);
    PyBuffer_Release(buffer);
    return -1;
}

/* The same for several at once; all or none. */
struct wanted {
    const char *name;
    size_t unit;
    int flags;
};

static int take_all(PyObject *const *given, Py_buffer *buffers, const struct wanted *wanted, int count) {
    for (int i = 0; i < count; i++)
        if (take(given[i], &buffers[i], wanted[i].name, wanted[i].unit, wanted[i].flags) < 0) {
            while (i-- > 0) PyBuffer_Release(&buffers[i]);
            return -1;
        }
    return 0;
}

static void give_back(Py_buffer *buffers, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(&buffers[i]);
}

static int is_count(Py_ssize_t given, Py_ssize_t wanted, const char *function) {
    if (given == wanted) return 1;
    PyErr_Format(PyExc_TypeError, "%s takes %zd arguments, not %zd", function, wanted, given);
    return 0;
}

static PyObject *refuse(const char *why) {
    PyErr_SetString(PyExc_ValueError, why);
    return NULL;
}

static PyObject *paths(PyObject *self, PyObject *nothing) {
    (void)self, (void)nothing;
    PyObject *names = PyList_New(0);
    for (int path = PDQ_PATHS - 1; names && path >= 0; path--) {
        PyObject *name = pdq_can((enum pdq_path)path) ? PyUnicode_FromString(PATH_NAMES[path]) : NULL;
        if (name && PyList_Append(names, name) < 0) Py_CLEAR(names);
        Py_XDECREF(name);
    }
    return names;
}

enum { SPREAD_BYTES = PDQ_SPREAD_ROWS * sizeof(struct pdq_row), ROW = sizeof(struct pdq_row) };

static PyObject *spread(PyObject *self, PyObject *const *given, Py_ssize_t count) {
    (void)self;
    static const struct wanted WANTED[] = {
        {"spread", ROW, PyBUF_SIMPLE}, {"hashes", ROW, PyBUF_SIMPLE}, {"to", ROW, PyBUF_WRITABLE}};
    Py_buffer b[3];
    if (!is_count(count, 3, "pdq_spread") || take_all(given, b, WANTED, 3) < 0) return NULL;
    PyObject *done = NULL;
    if (b[0].len != SPREAD_BYTES || b[1].len != b[2].len) {
        refuse("pdq_spread: arrays of other sizes than agreed");
    } else {
        Py_BEGIN_ALLOW_THREADS;
        pdq_spread(b[0].buf, b[1].buf, (size_t)b[1].len / ROW, b[2].buf);
        Py_END_ALLOW_THREADS;
        done = Py_NewRef(Py_None);
    }
    give_back(b, 3);
    return done;
}

/* Whether three buffers are the tables over `count` rows. */
static int are_tables(const Py_buffer *b, size_t count, struct pdq_tables *tables) {
    *tables = (struct pdq_tables){b[0].buf, b[1].buf, b[2].buf};
    return count <= PDQ_ROWS_MAX && (size_t)b[0].len == (size_t)PDQ_WORDS * PDQ_OFFSETS * 4 &&
           (size_t)b[1].len == (PDQ_WORDS * count + PDQ_PAD) * 2 && (size_t)b[2].len == PDQ_WORDS * count * 4;
}

static PyObject *build(PyObject *self, PyObject *const *given, Py_ssize_t count) {
    (void)self;
    static const struct wanted WANTED[] = {{"rows", ROW, PyBUF_SIMPLE},
                                           {"offsets", 4, PyBUF_WRITABLE},
                                           {"nexts", 2, PyBUF_WRITABLE},
                                           {"places", 4, PyBUF_WRITABLE},
                                           {"scratch", 8, PyBUF_WRITABLE}};
    Py_buffer b[5];
    if (!is_count(count, 5, "pdq_build") || take_all(given, b, WANTED, 5) < 0) return NULL;
    PyObject *done = NULL;
    struct pdq_tables tables;
    const size_t rows = (size_t)b[0].len / ROW;
    if (!are_tables(&b[1], rows, &tables) || (size_t)b[4].len != rows * 8) {
        refuse("pdq_build: arrays of other sizes than agreed");
    } else {
        Py_BEGIN_ALLOW_THREADS;
        pdq_build(b[0].buf, rows, &tables, b[4].buf);
        Py_END_ALLOW_THREADS;
        done = Py_NewRef(Py_None);
    }
    give_back(b, 5);
    return done;
}

static PyObject *is_sound(PyObject *self, PyObject *const *given, Py_ssize_t count) {
    (void)self;
    static const struct wanted WANTED[] = {
        {"offsets", 4, PyBUF_SIMPLE}, {"nexts", 2, PyBUF_SIMPLE}, {"places", 4, PyBUF_SIMPLE}};
    Py_buffer b[3];
    if (!is_count(count, 3, "pdq_is_sound") || take_all(given, b, WANTED, 3) < 0) return NULL;
    struct pdq_tables tables;
    const size_t rows = (size_t)b[2].len / 4 / PDQ_WORDS;
    int sound = 0;
    if (are_tables(b, rows, &tables)) {
        Py_BEGIN_ALLOW_THREADS;
        sound = pdq_is_sound(&tables, rows);
        Py_END_ALLOW_THREADS;
    }
    give_back(b, 3);
    return PyBool_FromLong(sound);
}

/* Rows, ids and distances as three byte arrays: int64, uint64, uint16. */
static PyObject *told(const struct pdq_found *found) {
    PyObject *rows = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)(found->count * 8));
    PyObject *ids = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)(found->count * 8));
    PyObject *distances = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)(found->count * 2));
    PyObject *all = rows && ids && distances ? PyTuple_Pack(3, rows, ids, distances) : NULL;
    if (all) {
        int64_t *row = (int64_t *)(void *)PyByteArray_AsString(rows);
        uint64_t *id = (uint64_t *)(void *)PyByteArray_AsString(ids);
        uint16_t *distance = (uint16_t *)(void *)PyByteArray_AsString(distances);
        for (size_t i = 0; i < found->count; i++) {
            row[i] = (int64_t)(found->pairs[i].key >> 8);
            id[i] = found->pairs[i].id;
            distance[i] = (uint16_t)(found->pairs[i].key & 0xFF);
        }
    }
    Py_XDECREF(rows);
    Py_XDECREF(ids);
    Py_XDECREF(distances);
    return all;
}

enum { SPREAD, ROWS, IDS, DEAD, OFFSETS, NEXTS, PLACES, TAIL_ROWS, TAIL_IDS, QUERIES, BUFFERS };

static const struct wanted SEARCHED[BUFFERS] = {
    {"spread", ROW, PyBUF_SIMPLE},  {"rows", ROW, PyBUF_SIMPLE},      {"ids", 4, PyBUF_SIMPLE},
    {"dead", 1, PyBUF_SIMPLE},      {"offsets", 4, PyBUF_SIMPLE},     {"nexts", 2, PyBUF_SIMPLE},
    {"places", 4, PyBUF_SIMPLE},    {"tail_rows", ROW, PyBUF_SIMPLE}, {"tail_ids", 8, PyBUF_SIMPLE},
    {"queries", ROW, PyBUF_SIMPLE}};

/* What was given as ring and tail; 0 if sizes do not fit together. */
static int are_rows(const Py_buffer *b, struct pdq_rows *ring, struct pdq_rows *tail) {
    const size_t count = (size_t)b[ROWS].len / ROW, tail_count = (size_t)b[TAIL_ROWS].len / ROW;
    *ring = (struct pdq_rows){count, b[ROWS].buf, b[IDS].buf, count ? (size_t)b[IDS].len / count : 8, NULL};
    *tail = (struct pdq_rows){tail_count, b[TAIL_ROWS].buf, b[TAIL_IDS].buf, 8, NULL};
    if (b[DEAD].len) ring->dead = b[DEAD].buf;
    return (ring->id_bytes == 4 || ring->id_bytes == 8) && (size_t)b[IDS].len == count * (count ? ring->id_bytes : 0) &&
           (!ring->dead || (size_t)b[DEAD].len == (count + 7) / 8) && (size_t)b[TAIL_IDS].len == tail_count * 8 &&
           (ring->id_bytes == 4 || (uintptr_t)b[IDS].buf % 8 == 0 || !count);
}

static PyObject *found_in(enum pdq_path path, unsigned radius, const Py_buffer *b) {
    struct pdq_rows ring, tail;
    struct pdq_tables tables = {NULL, NULL, NULL};
    const size_t m = (size_t)b[QUERIES].len / ROW;
    if (b[SPREAD].len != SPREAD_BYTES || !are_rows(b, &ring, &tail) || m > PDQ_ROWS_MAX ||
        (ring.count && !are_tables(&b[OFFSETS], ring.count, &tables)))
        return refuse("pdq_search: arrays of other sizes than agreed");
    struct pdq_found found = {NULL, 0, 0};
    int failed;
    Py_BEGIN_ALLOW_THREADS;
    struct pdq_row *queries = malloc(m * sizeof *queries + 1);
    failed = !queries;
    if (!failed) {
        pdq_spread(b[SPREAD].buf, b[QUERIES].buf, m, queries);
        failed = pdq_search(path, &ring, &tables, &tail, queries, m, radius, &found) || pdq_sort(&found);
    }
    free(queries);
    Py_END_ALLOW_THREADS;
    PyObject *all = failed ? PyErr_NoMemory() : told(&found);
    free(found.pairs);
    return all;
}

static PyObject *search(PyObject *self, PyObject *const *given, Py_ssize_t count) {
    (void)self;
    if (!is_count(count, BUFFERS + 2, "pdq_search")) return NULL;
    const long path = PyLong_AsLong(given[0]);
    if (path == -1 && PyErr_Occurred()) return NULL;
    const long radius = PyLong_AsLong(given[1]);
    if (radius == -1 && PyErr_Occurred()) return NULL;
    if (path < 0 || path >= PDQ_PATHS || !pdq_can((enum pdq_path)path))
        return refuse("pdq_search: this processor does not have that path");
    if (radius < 0 || radius > PDQ_RADIUS_MAX) return refuse("pdq_search: the radius is 0 to 47");
    Py_buffer b[BUFFERS];
    if (take_all(given + 2, b, SEARCHED, BUFFERS) < 0) return NULL;
    PyObject *all = found_in((enum pdq_path)path, (unsigned)radius, b);
    give_back(b, BUFFERS);
    return all;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef METHODS[] = {
    {"paths", paths, METH_NOARGS, "Names of the paths that this processor has, the fastest first."},
    {"pdq_spread", FAST(spread), METH_FASTCALL, "pdq_spread(spread, hashes, to): their bits in the order of rows."},
    {"pdq_build", FAST(build), METH_FASTCALL, "pdq_build(rows, offsets, nexts, places, scratch): fill the tables."},
    {"pdq_is_sound", FAST(is_sound), METH_FASTCALL, "pdq_is_sound(offsets, nexts, places): whether tables could be."},
    {"pdq_search", FAST(search), METH_FASTCALL, "See _kernels.pyi."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot SLOTS[] = {{0, NULL}};

static struct PyModuleDef MODULE = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_kernels",
    .m_doc = "Native routes of Beffroi.",
    .m_methods = METHODS,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC PyInit__kernels(void) { return PyModuleDef_Init(&MODULE); }
