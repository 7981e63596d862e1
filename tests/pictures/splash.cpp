// The splash as a picture: splash-picture VIEW WIDTH HEIGHT >FILE.ppm
// Views: see tests/unit/screen/views.h.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "screen/layout.h"
#include "unit/screen/views.h"

int main(int argc, char** argv) {
    using namespace bootwire::screen;
    const int width = argc == 4 ? std::atoi(argv[2]) : 0;
    const int height = argc == 4 ? std::atoi(argv[3]) : 0;
    for (const NamedView& view : named_views) {
        if (argc < 2 || view.name != std::string_view(argv[1]) || width <= 0 || height <= 0)
            continue;
        const Canvas canvas = draw(view.make(), width, height, view.time);
        std::printf("P6\n%d %d\n255\n", width, height);
        for (int y = 0; y < height; ++y) {
            for (int x = 0; x < width; ++x) {
                for (const int shift : {16, 8, 0})
                    std::putchar(static_cast<int>(canvas.row(y)[x] >> shift & 0xff));
            }
        }
        return 0;
    }
    std::fprintf(stderr, "usage: %s VIEW WIDTH HEIGHT >FILE.ppm; views:", argv[0]);
    for (const NamedView& view : named_views)
        std::fprintf(stderr, " %s", view.name);
    std::fprintf(stderr, "\n");
    return 2;
}
