#include "services/nav/adapters/books_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "common/base/refuse.h"

namespace navkeeper::nav {
namespace {

namespace fs = std::filesystem;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Words of Ledger's expressions and its units of time, which bare would not be commodities.
constexpr std::array<std::string_view, 11> kReserved{"and",  "or",    "not", "div", "if", "else",
                                                     "true", "false", "s",   "m",   "h"};

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace

std::string ledger_commodity(std::string_view symbol) {
  const bool bare = std::all_of(symbol.begin(), symbol.end(), is_letter) &&
                    std::find(kReserved.begin(), kReserved.end(), symbol) == kReserved.end();
  return bare ? std::string(symbol) : '"' + std::string(symbol) + '"';
}

std::string ledger_head(std::string_view fund) {
  return "; The journal of fund " + printable(fund) +
         "\n; Written by navkeeper; read it with ledger or hledger. Dollars balance at cost, each coin "
         "through\n"
         "; its conversion account.\n";
}

void append_ledger_entry(std::string& out, const books::Chart& chart, const books::Entry& entry,
                         std::string_view code) {
  out += '\n';
  out += entry.trade_date.to_string();
  out += " (";
  out += code;
  out += ") ";
  out += entry.description;
  out += '\n';
  for (const books::Posting& posting : entry.postings) {
    const books::Line& line = chart.lines()[posting.line];
    const books::Commodity& commodity = chart.commodities()[line.commodity];
    const money::Decimal amount = posting.amount.to_decimal(commodity.decimals);
    out += "    ";
    out += line.account;
    out += "  ";
    out += line.commodity == books::kDollars ? amount.to_fixed(commodity.decimals) : amount.to_string();
    out += ' ';
    out += ledger_commodity(commodity.symbol);
    out += '\n';
  }
}

void append_ledger_note(std::string& out, time::Date date, std::string_view code, std::string_view note) {
  out += "\n; ";
  out += date.to_string();
  out += " (";
  out += code;
  out += ") ";
  out += printable(note);
  out += '\n';
}

WholeFile::WholeFile(const std::string& path) : path_(path) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);
  if (error || !target.has_filename()) base::refuse(path_, "cannot be written");
  if (fs::exists(target, error) && !fs::is_regular_file(target, error))
    base::refuse(path_, "is there and is not a regular file");
  target_ = target.string();
  temporary_ = target_ + ".partial-" + std::to_string(::getpid());
  const int descriptor = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail("cannot be written");
  file_ = ::fdopen(descriptor, "w");
  if (file_ == nullptr) {
    ::close(descriptor);
    ::unlink(temporary_.c_str());
    fail("cannot be written");
  }
}

WholeFile::~WholeFile() {
  if (file_ == nullptr) return;
  std::fclose(file_);
  ::unlink(temporary_.c_str());
}

void WholeFile::fail(const char* what) const {
  base::refuse(path_, std::string(what) + ": " + std::strerror(errno));
}

void WholeFile::write(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) fail("cannot be written");
}

void WholeFile::put_in_place() {
  if (std::fflush(file_) != 0 || ::fsync(::fileno(file_)) != 0) fail("cannot be written");
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be put in place");
  std::fclose(file_);
  file_ = nullptr;
}

}  // namespace navkeeper::nav
