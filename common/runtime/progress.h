#pragma once
// A progress bar on a terminal; silent everywhere else, so that logs and pipes stay clean.
#include <cstdint>
#include <iosfwd>
#include <string>

#include "common/runtime/command.h"

namespace navkeeper::runtime {

class Progress {
 public:
  /// `total` in `unit`s ("trades", "bytes"); 0 when it is not known. Draws on `out` only when `visible`.
  Progress(std::ostream& out, bool visible, std::string title, std::uint64_t total);
  /// On the context's err, when that is a terminal to people.
  Progress(CommandContext& context, std::string title, std::uint64_t total);
  ~Progress();  ///< clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Cheap to call often: it draws only when what is shown changes.
  void advance_to(std::uint64_t done);
  void advance(std::uint64_t by = 1) { advance_to(done_ + by); }

 private:
  void draw();

  std::ostream& out_;
  bool visible_;
  std::string title_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  std::uint64_t shown_ = UINT64_MAX;  ///< the percentage or the count on the screen
};

}  // namespace navkeeper::runtime
