// Whatever is typed: lines end, and a secret's value is in no order and in no error.
#include <cstdlib>
#include <string_view>

#include "rescue/line_reader.h"
#include "rescue/order.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace bootwire::rescue;
    LineReader reader;
    const std::string_view typed(reinterpret_cast<const char*>(data), size);
    for (size_t at = 0; at < size; at += 100)
        reader.add(typed.substr(at, 100));
    while (const auto line = reader.next()) {
        if (line->size() > LineReader::longest) std::abort();
        const auto order = parse_order(*line);
        if (!order && order.error().what.empty()) std::abort();
        if (order && order->secret && order->argument.contains('=')) std::abort();
    }
    return 0;
}
