#include "services/pricing/adapters/trade_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "common/base/refuse.h"

namespace navkeeper::pricing {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr int kPipeWaitMs = 30'000;

std::string too_large(std::size_t bytes_max) {
  return "is larger than " + std::to_string(bytes_max >> 30) + " GiB";
}

class Descriptor {
 public:
  /// Returns at once for a pipe that nobody writes to, too.
  explicit Descriptor(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) base::refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

/// Everything that comes through a pipe ("<(zcat ...)"), as long as something comes.
std::string read_all(int fd, const std::string& path) {
  std::string all;
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    pollfd wanted{fd, POLLIN, 0};
    const int ready = ::poll(&wanted, 1, kPipeWaitMs);
    if (ready == 0)
      base::refuse(path, "nothing came through it for " + std::to_string(kPipeWaitMs / 1000) + " s");
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) base::refuse(path, std::string("cannot be read: ") + std::strerror(errno));
    if (got == 0) return all;
    all.append(chunk, 0, static_cast<std::size_t>(got));
    if (all.size() > kUnpackedBytesMax) base::refuse(path, too_large(kUnpackedBytesMax));
  }
}

struct Inflater {
  z_stream stream{};
  explicit Inflater(const std::string& where) {
    constexpr int kGzipOnly = 16;
    if (inflateInit2(&stream, MAX_WBITS + kGzipOnly) != Z_OK) base::refuse(where, "gzip cannot be started");
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
};

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

}  // namespace

std::string gunzip(std::string_view packed, const std::string& where) {
  Inflater inflater(where);
  z_stream& stream = inflater.stream;
  std::string text;
  std::string chunk(kChunkBytes, '\0');
  std::size_t taken = 0;
  stream.avail_in = 0;
  for (;;) {
    if (stream.avail_in == 0 && taken < packed.size()) {
      const std::size_t next = std::min(packed.size() - taken, kChunkBytes);
      // zlib reads through a pointer to non-const and writes nothing there.
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + taken));
      stream.avail_in = static_cast<uInt>(next);
      taken += next;
    }
    stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    stream.avail_out = static_cast<uInt>(chunk.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    text.append(chunk, 0, chunk.size() - stream.avail_out);
    if (text.size() > kUnpackedBytesMax) base::refuse(where, too_large(kUnpackedBytesMax));
    if (result == Z_STREAM_END) {
      const std::size_t at = taken - stream.avail_in;
      std::string_view rest = packed.substr(at);
      // Tape blocks are padded with zeros; anything else after the last member is not gzip.
      if (rest.find_first_not_of('\0') == std::string_view::npos) return text;
      if (!is_gzip(rest)) base::refuse(where, "has other bytes after its gzip content");
      inflateReset(&stream);
    } else if (result == Z_BUF_ERROR && stream.avail_in == 0 && taken == packed.size()) {
      base::refuse(where, "is a gzip file that was cut short");
    } else if (result != Z_OK) {
      base::refuse(where, "is a damaged gzip file");
    }
  }
}

TradeFile::TradeFile(const std::string& path) {
  const Descriptor file(path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    base::refuse(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) base::refuse(path, "is a directory");
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
    base::refuse(path, "is neither a file nor a pipe");
  const auto bytes = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
  if (S_ISREG(status.st_mode) && bytes > 0) {
    if (bytes > kFileBytesMax) base::refuse(path, too_large(kFileBytesMax));
    mapped_ = ::mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (mapped_ == MAP_FAILED) {
      mapped_ = nullptr;
      base::refuse(path, std::string("cannot be read: ") + std::strerror(errno));
    }
    mapped_bytes_ = bytes;
    ::madvise(mapped_, bytes, MADV_SEQUENTIAL);
    raw_ = {static_cast<const char*>(mapped_), bytes};
  } else if (!S_ISREG(status.st_mode)) {
    owned_ = read_all(file.get(), path);
    raw_ = owned_;
  }
  text_ = raw_;
  if (is_gzip(raw_)) {
    try {
      unpacked_ = gunzip(raw_, path);
    } catch (...) {
      if (mapped_ != nullptr) ::munmap(mapped_, mapped_bytes_);
      throw;
    }
    text_ = unpacked_;
  }
}

TradeFile::~TradeFile() {
  if (mapped_ != nullptr) ::munmap(mapped_, mapped_bytes_);
}

}  // namespace navkeeper::pricing
