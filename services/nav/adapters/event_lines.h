#pragma once
// The lines of a file of events, one at a time and of bounded length.
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace navkeeper::nav {

class EventLines {
 public:
  /// Throws base::Refused that names the file: a directory, or not readable.
  explicit EventLines(const std::string& path);

  /// The next line without its line feed, valid until the next call; false at the end. Throws base::Refused
  /// for a line of more than kEventLineBytesMax bytes.
  bool next(std::string_view& line);

  /// "events.jsonl:12", of the last line read; the first is 1.
  std::string place() const { return path_ + ":" + std::to_string(number_); }
  std::size_t number() const { return number_; }

 private:
  std::string path_;
  std::ifstream stream_;
  std::vector<char> buffer_;
  std::size_t number_ = 0;
};

}  // namespace navkeeper::nav
