// What libzstd brings along to read what zstd wrote before version 0.8, of 2016, in three formats
// that no kernel and no initramfs ever had. With the ones below the linker leaves the library's out
// (lib/legacy/zstd_legacy.h has the prototypes); such a file is then one that zstd cannot read.
#include <cstddef>

namespace {

constexpr size_t generic_error = ~size_t{0};   // ZSTD_error_GENERIC is 1
constexpr unsigned long long no_size = ~1ULL;  // ZSTD_CONTENTSIZE_ERROR

}  // namespace

// No decoder can be had, and what would need one fails.
#define NOTHING(NAME)         \
    extern "C" void* NAME() { \
        return nullptr;       \
    }
#define FAILURE(NAME)          \
    extern "C" size_t NAME() { \
        return generic_error;  \
    }
#define NO_SIZE(NAME)                                                                         \
    extern "C" void NAME(const void*, size_t, size_t* packed, unsigned long long* unpacked) { \
        *packed = generic_error;                                                              \
        *unpacked = no_size;                                                                  \
    }
#define WITHOUT_ZSTD(VERSION)                          \
    NOTHING(ZSTD##VERSION##_createDCtx)                \
    FAILURE(ZSTD##VERSION##_freeDCtx)                  \
    FAILURE(ZSTD##VERSION##_decompress_usingDict)      \
    FAILURE(ZSTD##VERSION##_getFrameParams)            \
    NO_SIZE(ZSTD##VERSION##_findFrameSizeInfoLegacy)   \
    NOTHING(ZBUFF##VERSION##_createDCtx)               \
    FAILURE(ZBUFF##VERSION##_freeDCtx)                 \
    FAILURE(ZBUFF##VERSION##_decompressInitDictionary) \
    FAILURE(ZBUFF##VERSION##_decompressContinue)

WITHOUT_ZSTD(v05)
WITHOUT_ZSTD(v06)
WITHOUT_ZSTD(v07)
