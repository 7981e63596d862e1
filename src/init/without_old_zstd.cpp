// What libzstd brings along to read what zstd wrote before version 0.8, of 2016, in three formats
// that no kernel and no initramfs ever had. With the ones below the linker leaves the library's out
// (lib/legacy/zstd_legacy.h has the prototypes); such a file is then one that zstd cannot read.
#include <cstddef>

namespace {

constexpr size_t kGenericError = ~size_t{0};   // ZSTD_error_GENERIC is 1
constexpr unsigned long long kNoSize = ~1ULL;  // ZSTD_CONTENTSIZE_ERROR

}  // namespace

#define BOOTWIRE_WITHOUT_ZSTD(VERSION)                                                \
    extern "C" {                                                                      \
    void* ZSTD##VERSION##_createDCtx() {                                              \
        return nullptr;                                                               \
    }                                                                                 \
    size_t ZSTD##VERSION##_freeDCtx(void*) {                                          \
        return 0;                                                                     \
    }                                                                                 \
    size_t ZSTD##VERSION##_decompress_usingDict() {                                   \
        return kGenericError;                                                         \
    }                                                                                 \
    size_t ZSTD##VERSION##_getFrameParams() {                                         \
        return kGenericError;                                                         \
    }                                                                                 \
    void ZSTD##VERSION##_findFrameSizeInfoLegacy(const void*, size_t, size_t* packed, \
                                                 unsigned long long* unpacked) {      \
        *packed = kGenericError;                                                      \
        *unpacked = kNoSize;                                                          \
    }                                                                                 \
    void* ZBUFF##VERSION##_createDCtx() {                                             \
        return nullptr;                                                               \
    }                                                                                 \
    size_t ZBUFF##VERSION##_freeDCtx(void*) {                                         \
        return 0;                                                                     \
    }                                                                                 \
    size_t ZBUFF##VERSION##_decompressInitDictionary() {                              \
        return kGenericError;                                                         \
    }                                                                                 \
    size_t ZBUFF##VERSION##_decompressContinue() {                                    \
        return kGenericError;                                                         \
    }                                                                                 \
    }

BOOTWIRE_WITHOUT_ZSTD(v05)
BOOTWIRE_WITHOUT_ZSTD(v06)
BOOTWIRE_WITHOUT_ZSTD(v07)
