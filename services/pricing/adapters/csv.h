#pragma once
// CSV as RFC 4180 writes it, over bytes in memory: LF or CRLF, quoted fields (commas, doubled quotes and line
// ends inside), a byte-order mark before the header, blank lines skipped. One pass, no copies except of
// fields with doubled quotes.
//
// A row that is not CSV (a quote inside an unquoted field, text after a closing quote, a quote that never
// closes, bytes that are not UTF-8, a row over kRowBytesMax) is reported as broken and reading goes on with
// the next line.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace navkeeper::pricing {

constexpr std::size_t kRowBytesMax = std::size_t{64} << 10;

class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  /// The next row that is not blank, or false at the end. fields() lives until the next call.
  bool next();
  /// The line on which the row starts, from 1.
  std::uint64_t line() const { return line_; }
  const std::vector<std::string_view>& fields() const { return fields_; }
  /// What is wrong with the row as CSV; empty when nothing is. The fields of a broken row mean nothing.
  std::string_view problem() const { return problem_; }

 private:
  void read_plain(std::string_view line);
  void read_quoted(const char* end_of_line);
  void end_row_at(const char* from, std::string_view problem);

  const char* at_;
  const char* end_;
  std::uint64_t line_ = 0;
  std::uint64_t next_line_ = 1;
  std::vector<std::string_view> fields_;
  std::deque<std::string> unescaped_;
  std::string_view problem_;
};

/// Where each wanted column stands in the rows of a file.
struct CsvColumn {
  std::string_view name;
  bool required = true;
};

/// Reads the header: the position of each of `columns` in a row, or SIZE_MAX for an optional one that is
/// absent. `path` is the file as given. Throws base::Refused for a missing header, an unknown, missing or
/// repeated column.
std::vector<std::size_t> read_header(CsvReader& reader, const std::vector<CsvColumn>& columns,
                                     const std::string& path);

/// For a refusal's one line: the text in quotes, without control characters or bytes that are not UTF-8, cut
/// when long.
std::string shown(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace navkeeper::pricing
