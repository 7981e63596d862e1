// What no bridge may have: tests/bridge/check.py must find it.
#include <string>

extern "C" void bridge_with_heap(std::string& to, const char* from);

void bridge_with_heap(std::string& to, const char* from) {
    to = from;
    to += from;
}
