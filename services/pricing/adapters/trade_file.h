#pragma once
// The bytes of a file of trades, plain or gzip (known by its first bytes, several members allowed).
#include <cstddef>
#include <string>
#include <string_view>

namespace navkeeper::pricing {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 30;     ///< of a plain file
constexpr std::size_t kUnpackedBytesMax = std::size_t{4} << 30;  ///< of what a gzip file, or a pipe, holds

/// A whole file: mapped when it is plain, in memory when it is gzip or a pipe. Throws base::Refused with the
/// path as given when it cannot be read or is too large.
class TradeFile {
 public:
  explicit TradeFile(const std::string& path);
  ~TradeFile();
  TradeFile(const TradeFile&) = delete;
  TradeFile& operator=(const TradeFile&) = delete;

  std::string_view text() const { return text_; }  ///< unpacked
  std::string_view raw() const { return raw_; }    ///< as it lies on disk

 private:
  std::string owned_;
  std::string unpacked_;
  void* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::string_view raw_;
  std::string_view text_;
};

/// The content of a gzip file; `where` is the place that a refusal names. Throws base::Refused.
std::string gunzip(std::string_view packed, const std::string& where);

}  // namespace navkeeper::pricing
