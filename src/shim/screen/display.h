// A screen by the kernel's DRM: a dumb buffer that is shown as it is (linux/include/uapi/drm).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "os/fd.h"
#include "screen/canvas.h"

namespace bootwire::screen {

class Display {
  public:
    /// The first screen that is connected to any of the cards in /dev/dri, in the mode that it
    /// prefers if that is not larger than 1920×1200. Nothing if there is none, or if somebody else
    /// draws on it. When the descriptor is closed the kernel's text console is back.
    static std::optional<Display> open();

    Display(Display&& other) noexcept;
    Display& operator=(Display&&) = delete;
    ~Display();

    int width() const { return width_; }
    int height() const { return height_; }
    /// Shows the canvas, which has this size. False if the screen is gone, as when its driver is
    /// replaced by another.
    bool show(const Canvas& canvas);

  private:
    explicit Display(Fd card) : card_(std::move(card)) {}
    bool start();
    bool start_on(uint32_t connector);
    bool make_buffer();

    Fd card_;
    int width_ = 0;
    int height_ = 0;
    uint32_t pitch_ = 0;  // bytes from row to row
    uint32_t handle_ = 0;
    uint32_t frame_buffer_ = 0;
    uint64_t size_ = 0;
    uint8_t* pixels_ = nullptr;  // mapped
    std::vector<uint32_t> shown_;
};

}  // namespace bootwire::screen
