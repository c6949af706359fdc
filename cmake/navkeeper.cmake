# Compiler settings and the functions with which every folder declares itself.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_DEV "-O2 -g1")
set(CMAKE_CXX_FLAGS_SANITIZE "-O1 -g1 -fno-omit-frame-pointer")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

add_compile_options(-Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Werror -fdiagnostics-color=auto)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # GCC 12 sees overlaps in std::string's operator+ that are not there (PR 105651)
  # At -O3 it also sees frees, bounds and unset members that are not there; the dev build is the judge of these.
  add_compile_options("$<$<CONFIG:Release>:-Wno-free-nonheap-object;-Wno-maybe-uninitialized;-Wno-array-bounds>")
endif()
if(NAVKEEPER_SANITIZE)
  # The sanitizers' own rewriting makes the compiler warn where the plain build, which is the judge, does not.
  add_compile_options(-fsanitize=${NAVKEEPER_SANITIZE} -fno-sanitize-recover=all -Wno-error)
  add_link_options(-fsanitize=${NAVKEEPER_SANITIZE})
endif()
if(NAVKEEPER_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
endif()
find_package(Threads REQUIRED)

# Several files of a target are compiled as one text: a clean build takes half the time, since most of it is headers.
# The word NEXT among SOURCES begins another text; a file under ALONE is joined with none. Files of one text share their
# local names, so none may name what is another's: unit_architecture holds every text to that. The texts are ours and
# not CMake's own unity build, which writes absolute paths: with these the compiler cache serves every clone.
function(navkeeper_sources name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ALONE")
  if(NOT NAVKEEPER_TOGETHER)
    list(REMOVE_ITEM arg_SOURCES NEXT)
    target_sources(${name} PRIVATE ${arg_SOURCES} ${arg_ALONE})
    return()
  endif()
  target_sources(${name} PRIVATE ${arg_ALONE})
  # A type over a local one is sound in them: the text of a target is in no other one.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  set(number 0)
  set(text "")
  foreach(file IN LISTS arg_SOURCES ITEMS NEXT)
    if(NOT file STREQUAL "NEXT")
      get_filename_component(file ${file} ABSOLUTE)
      file(RELATIVE_PATH in_source ${PROJECT_SOURCE_DIR} ${file})
      file(RELATIVE_PATH in_binary ${PROJECT_BINARY_DIR} ${file})
      if(in_binary MATCHES "^\\.\\./")
        string(APPEND text "#include \"${in_source}\"\n")
      else()
        target_sources(${name} PRIVATE ${file})  # generated: it stands by itself
      endif()
    elseif(text)
      set(together ${CMAKE_CURRENT_BINARY_DIR}/${name}_${number}.cpp)
      file(CONFIGURE OUTPUT ${together} CONTENT "${text}" @ONLY)
      target_sources(${name} PRIVATE ${together})
      math(EXPR number "${number} + 1")
      set(text "")
    endif()
  endforeach()
endfunction()

# navkeeper_library(NAME SOURCES a.cpp b.cpp ... [NEXT c.cpp ...] [ALONE d.cpp ...] [USES target ...] [PRIVATE_USES target ...])
# One folder, one static library, one namespace. USES is what its headers need, PRIVATE_USES what its .cpp files need.
function(navkeeper_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;ALONE;USES;PRIVATE_USES")
  if(arg_SOURCES OR arg_ALONE)
    add_library(${name} STATIC)
    navkeeper_sources(${name} SOURCES ${arg_SOURCES} ALONE ${arg_ALONE})
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE_USES})
  else()
    add_library(${name} INTERFACE)
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${name} INTERFACE ${arg_USES})
  endif()
endfunction()

# The unit tests alone, for the sanitizer pass.
add_custom_target(unit-tests)

# navkeeper_test(NAME LABEL unit|db|e2e|long SOURCES a.cpp b.cpp ... [NEXT c.cpp ...] [ALONE d.cpp ...] USES target ...)
# One executable and one ctest entry; ./dev test LABEL chooses by label.
function(navkeeper_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;ALONE;USES;ENVIRONMENT")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_executable(${name})
  navkeeper_sources(${name} SOURCES ${arg_SOURCES} ALONE ${arg_ALONE})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  # What is tested is optimised, the tests themselves are not: they are most of the text to compile.
  target_compile_options(${name} PRIVATE $<$<OR:$<CONFIG:Dev>,$<CONFIG:Sanitize>>:-O0>)
  target_link_libraries(${name} PRIVATE ${arg_USES} GTest::gmock GTest::gtest GTest::gtest_main rapidcheck)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(arg_LABEL STREQUAL "unit")
    add_dependencies(unit-tests ${name})
  endif()
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "NAVKEEPER_SOURCE_DIR=${PROJECT_SOURCE_DIR};NAVKEEPER_BINARY_DIR=${CMAKE_BINARY_DIR};${arg_ENVIRONMENT}")
endfunction()

# navkeeper_bench(NAME SOURCES ... USES ...): Google Benchmark, run by ./dev bench.
function(navkeeper_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_USES} benchmark::benchmark benchmark::benchmark_main)
endfunction()

# navkeeper_fuzz(NAME SOURCES ... USES ...): a libFuzzer target for one parser.
function(navkeeper_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_USES})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
