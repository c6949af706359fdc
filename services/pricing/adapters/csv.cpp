#include "services/pricing/adapters/csv.h"

#include <algorithm>
#include <cstring>

#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kNotUtf8 = "row is not valid UTF-8";
constexpr std::size_t kShownMax = 60;

const char* find_byte(const char* from, const char* end, char byte) {
  const void* const found =
      from == end ? nullptr : std::memchr(from, byte, static_cast<std::size_t>(end - from));
  return found == nullptr ? end : static_cast<const char*>(found);
}

bool is_ascii(std::string_view text) {
  std::uint64_t bits = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    bits |= word;
  }
  for (; i < text.size(); ++i) bits |= static_cast<unsigned char>(text[i]);
  return (bits & 0x8080808080808080U) == 0;
}

/// The length of the well-formed UTF-8 sequence at the start of `text`, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : (lead & 0xF0) == 0xE0        ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
      (lead == 0xF4 && second > 0x8F)) {
    return 0;
  }
  return length;
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

}  // namespace

bool is_utf8(std::string_view text) {
  if (is_ascii(text)) return true;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string shown(std::string_view text) {
  std::string result = "'";
  while (!text.empty() && result.size() < kShownMax) {
    const std::size_t length = sequence_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    if (length == 0 || first < 0x20 || first == 0x7F) {
      result += '?';
    } else {
      result.append(text.substr(0, length));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result + (text.empty() ? "'" : "…'");
}

CsvReader::CsvReader(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  at_ = text.data();
  end_ = at_ + text.size();
}

bool CsvReader::next() {
  while (at_ != end_) {
    const char* const end_of_line = find_byte(at_, end_, '\n');
    std::string_view line(at_, static_cast<std::size_t>(end_of_line - at_));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line_ = next_line_;
    problem_ = {};
    fields_.clear();
    if (!is_blank(line)) {
      if (find_byte(line.data(), line.data() + line.size(), '"') == line.data() + line.size()) {
        read_plain(line);
        end_row_at(end_of_line, problem_);
      } else {
        unescaped_.clear();
        read_quoted(end_of_line);
      }
      return true;
    }
    end_row_at(end_of_line, {});
  }
  return false;
}

void CsvReader::read_plain(std::string_view line) {
  if (line.size() > kRowBytesMax) {
    problem_ = "row is too long";
    return;
  }
  if (!is_ascii(line) && !is_utf8(line)) {
    problem_ = kNotUtf8;
    return;
  }
  const char* field = line.data();
  const char* const end = field + line.size();
  for (const char* at = field; at != end; ++at) {
    if (*at != ',') continue;
    fields_.emplace_back(field, static_cast<std::size_t>(at - field));
    field = at + 1;
  }
  fields_.emplace_back(field, static_cast<std::size_t>(end - field));
}

/// Reads a row with quotes in its first line. A quote that does not close within a row's length breaks only
/// that line.
void CsvReader::read_quoted(const char* end_of_line) {
  const char* const start = at_;
  const char* const limit =
      start + std::min<std::ptrdiff_t>(end_ - start, static_cast<std::ptrdiff_t>(kRowBytesMax));
  const char* at = start;
  for (;;) {
    if (at != limit && *at == '"') {
      const char* const open = ++at;
      bool doubled = false;
      for (;;) {
        at = find_byte(at, limit, '"');
        if (at == limit) return end_row_at(end_of_line, "quote is not closed");
        if (at + 1 == limit || at[1] != '"') break;
        doubled = true;
        at += 2;
      }
      std::string_view field(open, static_cast<std::size_t>(at - open));
      if (doubled) {
        std::string& text = unescaped_.emplace_back();
        for (std::size_t i = 0; i < field.size(); ++i) {
          text += field[i];
          if (field[i] == '"') ++i;
        }
        field = text;
      }
      fields_.push_back(field);
      ++at;
    } else {
      const char* const open = at;
      while (at != limit && *at != ',' && *at != '\n' && *at != '"') ++at;
      if (at != limit && *at == '"') {
        return end_row_at(find_byte(at, end_, '\n'), "quote inside a field that is not quoted");
      }
      std::string_view field(open, static_cast<std::size_t>(at - open));
      const bool ends = at == end_ || (at != limit && *at == '\n');
      if (ends && field.ends_with('\r')) field.remove_suffix(1);
      fields_.push_back(field);
    }
    if (at == limit && at != end_) return end_row_at(end_of_line, "row is too long");
    if (at != end_ && *at == '\r' && (at + 1 == end_ || at[1] == '\n')) ++at;
    if (at == end_ || *at == '\n') break;
    // Where the quote closed on a later line it was not this row's: those lines are read for themselves.
    if (*at != ',') return end_row_at(end_of_line, "text after a closing quote");
    ++at;
  }
  const std::string_view row(start, static_cast<std::size_t>(at - start));
  end_row_at(at, is_utf8(row) ? std::string_view{} : kNotUtf8);
}

/// `from` is the line end that closes the row, or the end.
void CsvReader::end_row_at(const char* from, std::string_view problem) {
  problem_ = problem;
  next_line_ += 1 + static_cast<std::uint64_t>(std::count(at_, from, '\n'));
  at_ = from == end_ ? end_ : from + 1;
}

std::vector<std::size_t> read_header(CsvReader& reader, const std::vector<CsvColumn>& columns,
                                     const std::string& path) {
  if (!reader.next()) base::refuse(path, "is empty: a header with the columns' names is missing");
  const std::string where = path + ":" + std::to_string(reader.line());
  if (!reader.problem().empty()) base::refuse(where, "header: " + std::string(reader.problem()));
  std::vector<std::size_t> positions(columns.size(), SIZE_MAX);
  for (std::size_t field = 0; field < reader.fields().size(); ++field) {
    const std::string_view name = reader.fields()[field];
    const auto found = std::ranges::find(columns, name, &CsvColumn::name);
    if (found == columns.end()) base::refuse(where, "unknown column " + shown(name));
    std::size_t& position = positions[static_cast<std::size_t>(found - columns.begin())];
    if (position != SIZE_MAX) base::refuse(where, "column " + shown(name) + " comes twice");
    position = field;
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].required && positions[i] == SIZE_MAX) {
      base::refuse(where, "column " + shown(columns[i].name) + " is missing");
    }
  }
  return positions;
}

}  // namespace navkeeper::pricing
