#include "common/runtime/input_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "common/base/refuse.h"

namespace navkeeper::runtime {

std::string read_input_file(const std::string& path, std::size_t bytes_max) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) base::refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  std::string text;
  char buffer[1 << 16];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
    if (text.size() > bytes_max)
      base::refuse(path, "is larger than " + std::to_string(bytes_max >> 20) + " MiB");
  }
  if (file.bad()) base::refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  return text;
}

}  // namespace navkeeper::runtime
