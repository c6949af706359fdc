#include "services/nav/adapters/event_lines.h"

#include <filesystem>

#include "common/base/refuse.h"
#include "services/nav/adapters/books_events.h"

namespace navkeeper::nav {

EventLines::EventLines(const std::string& path) : path_(path), buffer_(kEventLineBytesMax + 2) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) base::refuse(path_, "is a directory");
  stream_.open(path, std::ios::binary);
  if (!stream_) base::refuse(path_, "cannot be read");
}

bool EventLines::next(std::string_view& line) {
  stream_.getline(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  const auto count = static_cast<std::size_t>(stream_.gcount());
  if (stream_.bad()) base::refuse(path_, "cannot be read");
  if (stream_.eof() && count == 0) return false;
  ++number_;
  if (stream_.fail())
    base::refuse(place(), "the line is longer than " + std::to_string(kEventLineBytesMax) + " bytes");
  // getline counts the line feed that it takes away, except at the end of the file.
  line = std::string_view(buffer_.data(), stream_.eof() ? count : count - 1);
  return true;
}

}  // namespace navkeeper::nav
