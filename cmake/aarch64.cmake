# The target build: static arm64 binaries, small. Debian's cross compiler; libraries for arm64 that
# are not part of it are unpacked below BOOTWIRE_SYSROOT by ./bootwire build.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH ${BOOTWIRE_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BOOTWIRE_SYSROOT)
set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Os -flto=2 -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables -fno-unwind-tables -fstack-protector-strong")
set(CMAKE_C_FLAGS_MINSIZEREL "${CMAKE_CXX_FLAGS_MINSIZEREL}")
# Segments are aligned to 16 KB, the largest pages of kernels for a Pi (kexec_own_system.cpp knows); the
# linker's own 64 KB are room for nothing.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -Wl,--gc-sections -Wl,-s -Wl,--build-id=none -Wl,-z,max-page-size=16384 -Wl,-T,${CMAKE_CURRENT_LIST_DIR}/no_unwind_tables.ld")
