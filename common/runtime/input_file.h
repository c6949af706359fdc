#pragma once
// A file that a pure command reads whole.
#include <cstddef>
#include <string>

namespace navkeeper::runtime {

/// Its bytes; pipes too. Throws base::Refused, with the path as place, when it cannot be read or is larger
/// than `bytes_max`.
std::string read_input_file(const std::string& path, std::size_t bytes_max);

}  // namespace navkeeper::runtime
