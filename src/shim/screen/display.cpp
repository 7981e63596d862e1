#include "screen/display.h"

// The kernel's headers, which Debian has in two places.
#if __has_include(<drm/drm.h>)
#include <drm/drm.h>
#else
#include <libdrm/drm.h>
#endif

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace bootwire::screen {

namespace {

constexpr int most_cards = 4;
constexpr int largest_width = 1920;
constexpr int largest_height = 1200;
constexpr int least_width = 640;
constexpr int least_height = 480;
constexpr uint32_t connected = 1;  // enum drm_connector_status

bool request(const Fd& card, unsigned long number, void* argument) {
    int result;
    do {
        result = ioctl(card.get(), number, argument);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    return result == 0;
}

uint64_t address_of(auto& list) {
    return reinterpret_cast<uint64_t>(list.data());
}

struct Resources {
    std::vector<uint32_t> crtcs;
    std::vector<uint32_t> connectors;
};

std::optional<Resources> resources_of(const Fd& card) {
    drm_mode_card_res counts{};
    if (!request(card, DRM_IOCTL_MODE_GETRESOURCES, &counts)) return std::nullopt;
    Resources resources;
    resources.crtcs.resize(counts.count_crtcs);
    resources.connectors.resize(counts.count_connectors);
    drm_mode_card_res lists{};
    lists.count_crtcs = counts.count_crtcs;
    lists.crtc_id_ptr = address_of(resources.crtcs);
    lists.count_connectors = counts.count_connectors;
    lists.connector_id_ptr = address_of(resources.connectors);
    if (!request(card, DRM_IOCTL_MODE_GETRESOURCES, &lists)) return std::nullopt;
    return resources;
}

struct Connector {
    std::vector<drm_mode_modeinfo> modes;
    std::vector<uint32_t> encoders;
};

/// Nothing if no screen is connected. Looks anew, which takes as long as reading its EDID does.
std::optional<Connector> connector_of(const Fd& card, uint32_t id) {
    drm_mode_get_connector counts{};
    counts.connector_id = id;
    if (!request(card, DRM_IOCTL_MODE_GETCONNECTOR, &counts)) return std::nullopt;
    if (counts.connection != connected || counts.count_modes == 0) return std::nullopt;
    Connector connector;
    connector.modes.resize(counts.count_modes);
    connector.encoders.resize(counts.count_encoders);
    drm_mode_get_connector lists{};
    lists.connector_id = id;
    lists.count_modes = counts.count_modes;
    lists.modes_ptr = address_of(connector.modes);
    lists.count_encoders = counts.count_encoders;
    lists.encoders_ptr = address_of(connector.encoders);
    if (!request(card, DRM_IOCTL_MODE_GETCONNECTOR, &lists)) return std::nullopt;
    connector.modes.resize(std::min(lists.count_modes, counts.count_modes));
    connector.encoders.resize(std::min(lists.count_encoders, counts.count_encoders));
    return connector;
}

/// The preferred one, the kernel lists it first; of a larger screen the largest that is not too
/// large for a Pi's memory.
const drm_mode_modeinfo* choose_mode(const std::vector<drm_mode_modeinfo>& modes) {
    const drm_mode_modeinfo* best = nullptr;
    for (const drm_mode_modeinfo& mode : modes) {
        const bool fits = mode.hdisplay <= largest_width && mode.vdisplay <= largest_height &&
                          mode.hdisplay >= least_width && mode.vdisplay >= least_height &&
                          (mode.flags & DRM_MODE_FLAG_INTERLACE) == 0;
        if (!fits) continue;
        if ((mode.type & DRM_MODE_TYPE_PREFERRED) != 0) return &mode;
        const auto area = [](const drm_mode_modeinfo& m) { return m.hdisplay * m.vdisplay; };
        if (best == nullptr || area(mode) > area(*best)) best = &mode;
    }
    return best;
}

/// The one in use, else the first that can drive one of the encoders.
std::optional<uint32_t> choose_crtc(const Fd& card, const Resources& resources,
                                    const std::vector<uint32_t>& encoders) {
    std::optional<uint32_t> possible;
    for (const uint32_t id : encoders) {
        drm_mode_get_encoder encoder{};
        encoder.encoder_id = id;
        if (!request(card, DRM_IOCTL_MODE_GETENCODER, &encoder)) continue;
        if (encoder.crtc_id != 0) return encoder.crtc_id;
        for (size_t i = 0; i < resources.crtcs.size() && !possible; ++i) {
            if (encoder.possible_crtcs >> i & 1) possible = resources.crtcs[i];
        }
    }
    return possible;
}

}  // namespace

std::optional<Display> Display::open() {
    for (int number = 0; number < most_cards; ++number) {
        const std::string path = "/dev/dri/card" + std::to_string(number);
        Fd card(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        if (!card.valid()) continue;
        Display display(std::move(card));
        if (display.start()) return display;
    }
    return std::nullopt;
}

Display::Display(Display&& other) noexcept
    : card_(std::move(other.card_)),
      width_(other.width_),
      height_(other.height_),
      pitch_(other.pitch_),
      handle_(other.handle_),
      frame_buffer_(other.frame_buffer_),
      size_(other.size_),
      pixels_(std::exchange(other.pixels_, nullptr)),
      shown_(std::move(other.shown_)) {}

/// The kernel frees the buffer with the descriptor.
Display::~Display() {
    if (pixels_ != nullptr) munmap(pixels_, size_);
}

bool Display::start() {
    const auto resources = resources_of(card_);
    if (!resources) return false;
    return std::ranges::any_of(resources->connectors,
                               [this](uint32_t connector) { return start_on(connector); });
}

bool Display::start_on(uint32_t id) {
    const auto resources = resources_of(card_);
    const auto connector = connector_of(card_, id);
    if (!resources || !connector) return false;
    const drm_mode_modeinfo* const mode = choose_mode(connector->modes);
    const auto crtc = choose_crtc(card_, *resources, connector->encoders);
    if (mode == nullptr || !crtc) return false;
    width_ = mode->hdisplay;
    height_ = mode->vdisplay;
    if (!make_buffer()) return false;
    drm_mode_crtc setting{};
    setting.set_connectors_ptr = reinterpret_cast<uint64_t>(&id);
    setting.count_connectors = 1;
    setting.crtc_id = *crtc;
    setting.fb_id = frame_buffer_;
    setting.mode_valid = 1;
    setting.mode = *mode;
    return request(card_, DRM_IOCTL_MODE_SETCRTC, &setting);
}

/// Black, 32 bits a pixel, mapped.
bool Display::make_buffer() {
    if (pixels_ != nullptr) munmap(std::exchange(pixels_, nullptr), size_);
    drm_mode_create_dumb buffer{};
    buffer.width = static_cast<uint32_t>(width_);
    buffer.height = static_cast<uint32_t>(height_);
    buffer.bpp = 32;
    if (!request(card_, DRM_IOCTL_MODE_CREATE_DUMB, &buffer)) return false;
    handle_ = buffer.handle;
    pitch_ = buffer.pitch;
    size_ = buffer.size;
    drm_mode_fb_cmd frame{};
    frame.width = buffer.width;
    frame.height = buffer.height;
    frame.pitch = buffer.pitch;
    frame.bpp = 32;
    frame.depth = 24;
    frame.handle = buffer.handle;
    if (!request(card_, DRM_IOCTL_MODE_ADDFB, &frame)) return false;
    frame_buffer_ = frame.fb_id;
    drm_mode_map_dumb map{};
    map.handle = buffer.handle;
    if (!request(card_, DRM_IOCTL_MODE_MAP_DUMB, &map)) return false;
    void* const mapped = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, card_.get(),
                              static_cast<off_t>(map.offset));
    if (mapped == MAP_FAILED) return false;
    pixels_ = static_cast<uint8_t*>(mapped);
    shown_.assign(static_cast<size_t>(width_) * height_, 0);
    return true;
}

bool Display::show(const Canvas& canvas) {
    const size_t row_bytes = static_cast<size_t>(width_) * sizeof(uint32_t);
    int first = height_;
    int last = -1;
    for (int y = 0; y < height_; ++y) {
        uint32_t* const before = &shown_[static_cast<size_t>(y) * width_];
        if (std::memcmp(before, canvas.row(y), row_bytes) == 0) continue;
        std::memcpy(before, canvas.row(y), row_bytes);
        std::memcpy(pixels_ + static_cast<size_t>(y) * pitch_, canvas.row(y), row_bytes);
        first = std::min(first, y);
        last = y;
    }
    if (last < 0) return true;
    drm_clip_rect changed{0, static_cast<unsigned short>(first),
                          static_cast<unsigned short>(width_),
                          static_cast<unsigned short>(last + 1)};
    drm_mode_fb_dirty_cmd dirty{};
    dirty.fb_id = frame_buffer_;
    dirty.num_clips = 1;
    dirty.clips_ptr = reinterpret_cast<uint64_t>(&changed);
    // A driver that scans the buffer out itself needs no such call and does not know it.
    return request(card_, DRM_IOCTL_MODE_DIRTYFB, &dirty) || errno == ENOSYS || errno == EINVAL;
}

}  // namespace bootwire::screen
