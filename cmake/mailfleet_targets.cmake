# One interface target carries what every file of ours is compiled with; two
# functions make a folder's library and a folder's test program from it.

add_library(mailfleet_options INTERFACE)
target_compile_features(mailfleet_options INTERFACE cxx_std_20)
target_include_directories(mailfleet_options INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
target_compile_options(mailfleet_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  -fstack-protector-strong)
# At -O3, g++ 12 takes `"text" + std::string` for overlapping copies (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13
    AND CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(mailfleet_options INTERFACE -Wno-restrict)
endif()
# Asio's headers declare things deprecated for us.
target_compile_definitions(mailfleet_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
# The sanitizers and -O0 conflict with fortify, which wants optimisation.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT MAILFLEET_SANITIZE)
  target_compile_options(mailfleet_options INTERFACE -D_FORTIFY_SOURCE=2)
endif()
if(MAILFLEET_FAIL_POINTS)
  target_compile_definitions(mailfleet_options INTERFACE MAILFLEET_FAIL_POINTS)
endif()
if(MAILFLEET_SANITIZE)
  # CAF binds a null reference in init_fun_factory.hpp: no null check (UBSan).
  set(sanitize -fsanitize=${MAILFLEET_SANITIZE} -fno-omit-frame-pointer)
  if(MAILFLEET_SANITIZE MATCHES "undefined")
    list(APPEND sanitize -fno-sanitize=null -fno-sanitize-recover=undefined)
  endif()
  target_compile_options(mailfleet_options INTERFACE ${sanitize})
  target_link_options(mailfleet_options INTERFACE ${sanitize})
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(mailfleet_options INTERFACE -fuse-ld=mold)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

# mailfleet_library(NAME SOURCES ... USES ...): the library `mailfleet::NAME` of a folder.
# USES is public: what a folder uses shows in its headers' contracts.
function(mailfleet_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  add_library(mailfleet_${name} STATIC ${arg_SOURCES})
  add_library(mailfleet::${name} ALIAS mailfleet_${name})
  target_link_libraries(mailfleet_${name} PUBLIC mailfleet_options ${arg_USES})
endfunction()

# mailfleet_program(NAME SOURCES ... USES ...): a program.
function(mailfleet_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE mailfleet_options ${arg_USES})
endfunction()

# mailfleet_test(NAME SOURCES ... USES ...): a Catch2 program `NAME`, each of its
# test cases one ctest test, under the label of its folder.
function(mailfleet_test name)
  cmake_parse_arguments(arg "" "TIMEOUT;LABEL" "SOURCES;USES" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  mailfleet_program(${name} SOURCES ${arg_SOURCES} USES ${arg_USES} Catch2::Catch2WithMain)
  target_compile_definitions(${name} PRIVATE MAILFLEET_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  catch_discover_tests(${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABEL})
endfunction()
