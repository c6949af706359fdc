#pragma once
// The journal as the plain text of Ledger 3.3 and hledger 1.25: ASCII, one transaction an event, each
// commodity balancing by itself, no prices or lot annotations. Events that post nothing are comments.
#include <cstdio>
#include <string>
#include <string_view>

#include "services/nav/domain/books/books.h"

namespace navkeeper::nav {

/// A commodity as both programs read it: letters bare, anything else in double quotes.
std::string ledger_commodity(std::string_view symbol);
/// The head of the file.
std::string ledger_head(std::string_view fund);
/// Appends one event. `code` is its id in the source: a line number. `shares` is what there are afterwards.
void append_ledger_entry(std::string& out, const books::Chart& chart, const books::Entry& entry,
                         std::string_view code);
/// Appends an event that posts nothing, as a comment.
void append_ledger_note(std::string& out, time::Date date, std::string_view code, std::string_view note);

/// A file that appears whole or not at all: written beside its place, then renamed onto it.
class WholeFile {
 public:
  /// Throws base::Refused that names the file: it cannot be written there, or what is there is no regular
  /// file.
  explicit WholeFile(const std::string& path);
  WholeFile(const WholeFile&) = delete;
  WholeFile& operator=(const WholeFile&) = delete;
  ~WholeFile();  ///< removes what was not put in place

  void write(std::string_view text);
  /// To the disk and into its place.
  void put_in_place();

 private:
  [[noreturn]] void fail(const char* what) const;

  std::string path_;       ///< as given, for messages
  std::string target_;     ///< symbolic links followed
  std::string temporary_;  ///< beside the target
  std::FILE* file_ = nullptr;
};

}  // namespace navkeeper::nav
