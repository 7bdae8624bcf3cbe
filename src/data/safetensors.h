/** @file
 * The safetensors format: named arrays in one file, readable by PyTorch, NumPy, JAX and others.
 *
 * Layout (github.com/huggingface/safetensors): the header's length, 8 bytes little-endian; a JSON
 * object {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …,
 * "__metadata__": {"key": "value"}}, padded with spaces; the data, little-endian, row-major, of
 * all tensors without gap or overlap. Offsets count from the start of the data.
 *
 * Checksum: our writer adds the metadata key "crc32", eight hexadecimal digits: the CRC-32 of the
 * data, then of key and value (each with its terminating zero) of every other metadata entry in
 * the header's order, then of name, dtype and decimal sizes (each with its terminating zero) of
 * every tensor in the data's order. The reader verifies it where it is present.
 */
#ifndef CCRNN_DATA_SAFETENSORS_H
#define CCRNN_DATA_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "ccrnn/status.h"

enum { CCRNN_TENSOR_DIMS_MAX = 8 };

/** X(name, bytes per element): the types of the format that are known here. */
#define CCRNN_DTYPE_LIST(X)                                                                      \
    X(F64, 8)                                                                                    \
    X(F32, 4)                                                                                    \
    X(F16, 2)                                                                                    \
    X(BF16, 2)                                                                                   \
    X(I64, 8)                                                                                    \
    X(I32, 4)                                                                                    \
    X(I16, 2)                                                                                    \
    X(I8, 1)                                                                                     \
    X(U64, 8)                                                                                    \
    X(U32, 4)                                                                                    \
    X(U16, 2)                                                                                    \
    X(U8, 1)                                                                                     \
    X(BOOL, 1)

enum ccrnn_dtype {
#define CCRNN_DTYPE_ENUM(name, bytes) CCRNN_DTYPE_##name,
    CCRNN_DTYPE_LIST(CCRNN_DTYPE_ENUM)
#undef CCRNN_DTYPE_ENUM
        CCRNN_DTYPE_COUNT
};

/** One tensor of an open file. Everything it points to lives as long as the file. */
struct ccrnn_tensor {
    const char *name;
    size_t position; /**< among the header's entries, from 0 */
    enum ccrnn_dtype dtype;
    int dims; /**< 0 … CCRNN_TENSOR_DIMS_MAX; 0 is a single number */
    size_t shape[CCRNN_TENSOR_DIMS_MAX];
    size_t count;         /**< product of the shape; 1 for dims 0; may be 0 */
    const uint8_t *bytes; /**< row-major, little-endian, NOT aligned: copy with memcpy */
    size_t size;          /**< count × bytes per element */
};

/** An open file: `tensors[0 … count−1]` in the order of their data. Read-only. */
struct ccrnn_tensor_file {
    char *path;
    struct ccrnn_tensor *tensors;
    size_t count;
    void *header;   /**< the parsed JSON (json_t *), private */
    uint8_t *owned; /**< the file's bytes when the file owns them, private */
};

/** Name of a type, e.g. "F32" ("?" outside the range; static storage). */
const char *ccrnn_dtype_name(enum ccrnn_dtype dtype);

/** Bytes per element (0 outside the range). */
size_t ccrnn_dtype_size(enum ccrnn_dtype dtype);

/** Open and check a file completely; the checksum too, where there is one.
 * @param[out] file NULL on failure; else release it with ccrnn_tensor_file_close
 * @return CCRNN_IO if it cannot be read; CCRNN_FORMAT with file and tensor if it is damaged or
 *         something else; CCRNN_MEMORY. */
enum ccrnn_status ccrnn_tensor_file_open(const char *path, struct ccrnn_tensor_file **file,
                                         struct ccrnn_error *err);

/** The same for bytes in memory, which are borrowed and must outlive the file; `path` is the name
 * used in messages. */
enum ccrnn_status ccrnn_tensor_file_parse(const char *path, const uint8_t *bytes, size_t size,
                                          struct ccrnn_tensor_file **file,
                                          struct ccrnn_error *err);

/** Open a file for its metadata alone, which is cheap: it has no tensors then (count 0), and its data are neither
 * read nor checked. Else as ccrnn_tensor_file_open. */
enum ccrnn_status ccrnn_tensor_file_open_metadata(const char *path,
                                                  struct ccrnn_tensor_file **file,
                                                  struct ccrnn_error *err);

/** Release a file; NULL is fine. */
void ccrnn_tensor_file_close(struct ccrnn_tensor_file *file);

/** The tensor of that name, or NULL. */
const struct ccrnn_tensor *ccrnn_tensor_file_find(const struct ccrnn_tensor_file *file,
                                                  const char *name);

/** The metadata value of that key (UTF-8, as long as the file lives), or NULL. */
const char *ccrnn_tensor_file_metadata(const struct ccrnn_tensor_file *file, const char *key);

/** How many metadata entries there are ("crc32" included). */
size_t ccrnn_tensor_file_metadata_count(const struct ccrnn_tensor_file *file);

/** Key of metadata entry `index` in the file's order, or NULL outside the range. */
const char *ccrnn_tensor_file_metadata_key(const struct ccrnn_tensor_file *file, size_t index);

/** Copy a tensor of type F32 or F64 as float.
 * @param shape the expected shape, `dims` numbers
 * @param[out] out count numbers, row-major; untouched on failure unless a number is too large
 * @return CCRNN_FORMAT with file, tensor, expected and found: missing, another type or shape, an
 *         F64 number beyond the range of float. NaN and infinity are copied as they are. */
enum ccrnn_status ccrnn_tensor_file_read_float(const struct ccrnn_tensor_file *file,
                                               const char *name, int dims, const size_t *shape,
                                               float *out, struct ccrnn_error *err);

/** Copy a tensor of type F32 or F64 as double; as ccrnn_tensor_file_read_float. */
enum ccrnn_status ccrnn_tensor_file_read_double(const struct ccrnn_tensor_file *file,
                                                const char *name, int dims, const size_t *shape,
                                                double *out, struct ccrnn_error *err);

/** Copy a tensor of type I64, I32, I16, I8, U32, U16, U8 or BOOL as int64_t; as above. */
enum ccrnn_status ccrnn_tensor_file_read_int64(const struct ccrnn_tensor_file *file,
                                               const char *name, int dims, const size_t *shape,
                                               int64_t *out, struct ccrnn_error *err);

/** CCRNN_FORMAT, with tensor and flat index, if any number of type F64, F32, F16 or BF16 is NaN
 * or infinite. */
enum ccrnn_status ccrnn_tensor_file_require_finite(const struct ccrnn_tensor_file *file,
                                                   struct ccrnn_error *err);

/** A file to be written; opaque. */
struct ccrnn_tensor_writer;

/** @param[out] writer NULL on failure; else release it with ccrnn_tensor_writer_destroy */
enum ccrnn_status ccrnn_tensor_writer_create(struct ccrnn_tensor_writer **writer,
                                             struct ccrnn_error *err);

/** Release; NULL is fine. */
void ccrnn_tensor_writer_destroy(struct ccrnn_tensor_writer *writer);

/** Add a metadata entry; key and value are copied. CCRNN_USAGE: twice the same key, the reserved
 * key "crc32", or not UTF-8. */
enum ccrnn_status ccrnn_tensor_writer_metadata(struct ccrnn_tensor_writer *writer,
                                               const char *key, const char *value,
                                               struct ccrnn_error *err);

/** Add a tensor; name and shape are copied, the data is borrowed until the writer is destroyed.
 * @param data row-major numbers of the type in native (little-endian) order; may be NULL if the
 *             shape has a 0
 * @return CCRNN_USAGE: the same name twice, "__metadata__", not UTF-8, dims out of range or an
 *         overflow of the size. */
enum ccrnn_status ccrnn_tensor_writer_add(struct ccrnn_tensor_writer *writer, const char *name,
                                          enum ccrnn_dtype dtype, int dims, const size_t *shape,
                                          const void *data, struct ccrnn_error *err);

/** Write everything added to `path`, atomically (base/file.h). The bytes depend only on what was
 * added and in which order. */
enum ccrnn_status ccrnn_tensor_writer_save(const struct ccrnn_tensor_writer *writer,
                                           const char *path, struct ccrnn_error *err);

/** The same bytes in memory; the caller frees them with free(). */
enum ccrnn_status ccrnn_tensor_writer_bytes(const struct ccrnn_tensor_writer *writer,
                                            uint8_t **bytes, size_t *size,
                                            struct ccrnn_error *err);

#endif
