#include "seed/ed25519.h"

#include <nettle/sha2.h>

#include "base/bytes.h"

namespace bootwire::seed {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr size_t limbs = 5;
constexpr unsigned limb_bits = 51;
constexpr uint64_t limb_mask = (uint64_t{1} << limb_bits) - 1;

/// A number modulo 2^255 - 19, the least limb first; limbs may be a few bits longer than they
/// should be.
struct Element {
    uint64_t limb[limbs]{};
};

Element with_short_limbs(Element a) {
    uint64_t carry = 0;
    for (uint64_t& limb : a.limb) {
        limb += carry;
        carry = limb >> limb_bits;
        limb &= limb_mask;
    }
    a.limb[0] += carry * 19;
    return a;
}

Element operator+(const Element& a, const Element& b) {
    Element sum;
    for (size_t i = 0; i < limbs; ++i)
        sum.limb[i] = a.limb[i] + b.limb[i];
    return with_short_limbs(sum);
}

/// With four times the modulus added, so that no limb becomes negative.
Element operator-(const Element& a, const Element& b) {
    Element difference;
    for (size_t i = 0; i < limbs; ++i) {
        const uint64_t modulus = i == 0 ? limb_mask - 18 : limb_mask;
        difference.limb[i] = a.limb[i] + 4 * modulus - b.limb[i];
    }
    return with_short_limbs(difference);
}

Element operator*(const Element& a, const Element& b) {
    Wide sums[limbs]{};
    for (size_t i = 0; i < limbs; ++i) {
        for (size_t j = 0; j < limbs; ++j) {
            const uint64_t beyond = i + j >= limbs ? 19 : 1;  // 2^255 is 19
            sums[(i + j) % limbs] += Wide{a.limb[i]} * (b.limb[j] * beyond);
        }
    }
    Element product;
    Wide carry = 0;
    for (size_t i = 0; i < limbs; ++i) {
        sums[i] += carry;
        product.limb[i] = static_cast<uint64_t>(sums[i]) & limb_mask;
        carry = sums[i] >> limb_bits;
    }
    carry = carry * 19 + product.limb[0];
    product.limb[0] = static_cast<uint64_t>(carry) & limb_mask;
    product.limb[1] += static_cast<uint64_t>(carry >> limb_bits);
    return product;
}

/// By Fermat: to the power of 2^255 - 21, of whose 255 bits all but two are set.
Element inverse(const Element& a) {
    Element power{{1}};
    for (int bit = 254; bit >= 0; --bit) {
        power = power * power;
        if (bit != 2 && bit != 4) power = power * a;
    }
    return power;
}

/// Little-endian, the least number of all that are the same.
Ed25519Bytes encode(const Element& a) {
    Element least = with_short_limbs(with_short_limbs(with_short_limbs(a)));
    // Is it the modulus or more? Then 19 more has a carry out of the last limb.
    Element more = least;
    more.limb[0] += 19;
    uint64_t carry = 0;
    for (uint64_t& limb : more.limb) {
        limb += carry;
        carry = limb >> limb_bits;
        limb &= limb_mask;
    }
    if (carry != 0) least = more;
    Ed25519Bytes bytes{};
    for (size_t bit = 0; bit < limbs * limb_bits; ++bit) {
        const uint64_t value = least.limb[bit / limb_bits] >> (bit % limb_bits) & 1;
        bytes[bit / 8] |= static_cast<uint8_t>(value << (bit % 8));
    }
    return bytes;
}

/// A point of the curve in the section's extended coordinates.
struct Point {
    Element x, y, z, t;
};

// Section 5.1, table 1.
constexpr Element doubled_d{
    {0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977, 0x2406d9dc56dff}};
constexpr Point base{
    {{0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5}},
    {{0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666}},
    {{1}},
    {{0x68ab3a5b7dda3, 0x00eea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7}}};

/// Section 5.1.4: right for any two points, the same one twice included.
Point operator+(const Point& p, const Point& q) {
    const Element a = (p.y - p.x) * (q.y - q.x);
    const Element b = (p.y + p.x) * (q.y + q.x);
    const Element c = p.t * doubled_d * q.t;
    const Element zz = p.z * q.z;
    const Element d = zz + zz;
    const Element e = b - a, f = d - c, g = d + c, h = b + a;
    return {e * f, g * h, f * g, e * h};
}

Point times_base(const uint8_t* scalar) {
    Point result{{}, {{1}}, {{1}}, {}};
    for (int bit = 255; bit >= 0; --bit) {
        result = result + result;
        if ((scalar[bit / 8] >> (bit % 8) & 1) != 0) result = result + base;
    }
    return result;
}

}  // namespace

Ed25519Bytes ed25519_public_key(const Ed25519Bytes& private_key) {
    uint8_t hash[SHA512_DIGEST_SIZE];
    sha512_ctx context;
    nettle_sha512_init(&context);
    nettle_sha512_update(&context, private_key.size(), private_key.data());
    nettle_sha512_digest(&context, sizeof hash, hash);
    hash[0] &= 0xf8;
    hash[31] = static_cast<uint8_t>((hash[31] & 0x7f) | 0x40);

    const Point point = times_base(hash);
    const Element scale = inverse(point.z);
    Ed25519Bytes encoded = encode(point.y * scale);
    encoded[31] |= static_cast<uint8_t>((encode(point.x * scale)[0] & 1) << 7);
    return encoded;
}

}  // namespace bootwire::seed
