// CHAP's hash functions, by nettle.
#include "iscsi/chap_hash.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <nettle/sha3.h>

#include "base/secret.h"

namespace bootwire::iscsi {

namespace {

template <class Context, auto init, auto update, auto digest, size_t digest_size>
size_t hash(std::span<const Bytes> pieces, MutableBytes to) {
    static_assert(digest_size <= max_chap_response);
    Context context;
    init(&context);
    for (const Bytes piece : pieces)
        update(&context, piece.size(), piece.data());
    digest(&context, digest_size, to.data());
    wipe({reinterpret_cast<uint8_t*>(&context), sizeof context});
    return digest_size;
}

}  // namespace

size_t chap_hash(ChapAlgorithm algorithm, std::span<const Bytes> pieces,
                 std::span<uint8_t, max_chap_response> to) {
    switch (algorithm) {
        case ChapAlgorithm::md5:
            return hash<md5_ctx, nettle_md5_init, nettle_md5_update, nettle_md5_digest,
                        MD5_DIGEST_SIZE>(pieces, to);
        case ChapAlgorithm::sha1:
            return hash<sha1_ctx, nettle_sha1_init, nettle_sha1_update, nettle_sha1_digest,
                        SHA1_DIGEST_SIZE>(pieces, to);
        case ChapAlgorithm::sha256:
            return hash<sha256_ctx, nettle_sha256_init, nettle_sha256_update, nettle_sha256_digest,
                        SHA256_DIGEST_SIZE>(pieces, to);
        case ChapAlgorithm::sha3_256:
            return hash<sha3_256_ctx, nettle_sha3_256_init, nettle_sha3_256_update,
                        nettle_sha3_256_digest, SHA3_256_DIGEST_SIZE>(pieces, to);
    }
    return 0;
}

}  // namespace bootwire::iscsi
