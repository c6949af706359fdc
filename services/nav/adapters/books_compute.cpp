#include "services/nav/adapters/books_compute.h"

#include <filesystem>
#include <memory>

#include "common/base/refuse.h"
#include "services/nav/adapters/books_events.h"
#include "services/nav/adapters/books_ledger.h"
#include "services/nav/adapters/event_lines.h"

namespace navkeeper::nav {
namespace {

namespace fs = std::filesystem;
using books::Event;

constexpr std::size_t kLedgerBufferBytes = std::size_t{1} << 16;

/// What the ledger file says of an event that posts nothing.
struct NoteOf {
  std::string operator()(const books::Split& split) const { return "split " + split.text(); }
  std::string operator()(const books::Price& price) const {
    return "price " + price.asset + " " + price.price.to_string() + " USD";
  }
  template <class Other>
  std::string operator()(const Other& other) const {
    return std::string(describe(books::Happening(other)));
  }
};

class LedgerWriter {
 public:
  explicit LedgerWriter(const std::string& path) : file_(path) {}

  void add(const books::Books& books, const Event& event, const books::Applied& applied, std::size_t line) {
    if (std::holds_alternative<books::Open>(event.happening)) text_ += ledger_head(books.fund());
    const std::string code = std::to_string(line);
    if (applied.entry.postings.empty())
      append_ledger_note(text_, event.date, code, std::visit(NoteOf{}, event.happening));
    else
      append_ledger_entry(text_, books.chart(), applied.entry, code);
    if (text_.size() >= kLedgerBufferBytes) flush();
  }
  void put_in_place() {
    flush();
    file_.put_in_place();
  }

 private:
  void flush() {
    file_.write(text_);
    text_.clear();
  }
  WholeFile file_;
  std::string text_;
};

void refuse_writing_over_events(const BooksComputeRequest& request) {
  std::error_code error;
  if (request.ledger_path && fs::equivalent(*request.ledger_path, request.events_path, error))
    base::refuse(*request.ledger_path, "is the file of events itself");
}

}  // namespace

BooksAnswer compute_books(const BooksComputeRequest& request) {
  EventLines lines(request.events_path);
  refuse_writing_over_events(request);
  std::unique_ptr<LedgerWriter> ledger;
  if (request.ledger_path) ledger = std::make_unique<LedgerWriter>(*request.ledger_path);

  books::Books books(request.rules);
  books::Applied applied;
  std::optional<BooksAnswer> answer;
  std::vector<books::StruckNav> strikes;
  const auto take_answer = [&] {
    auto report = books.report();
    if (report.has_error()) base::refuse(lines.place(), std::string(describe(report.error())));
    answer = BooksAnswer{books.chart(), std::move(*report), std::move(strikes)};
  };

  std::string_view line;
  while (lines.next(line)) {
    EventLine read;
    try {
      read = read_event(line, EventShape::kCompute);
    } catch (const base::Refused& refused) {
      throw base::Refused(refused.refusal().within(lines.place()));
    }
    // Dates never go back, so the first event after the day asked for ends what is applied; the rest is
    // checked.
    if (!answer && request.as_of && read.event.date > *request.as_of) take_answer();
    const auto decided = books.apply(read.event, applied);
    if (decided.has_error()) base::refuse(lines.place(), std::string(describe(decided.error())));
    if (answer) continue;
    if (applied.strike) strikes.push_back(*applied.strike);
    if (ledger) ledger->add(books, read.event, applied, lines.number());
  }
  if (!books.is_open()) base::refuse(request.events_path, "has no events: the first must be \"open\"");
  if (!answer) take_answer();
  if (ledger) ledger->put_in_place();
  return std::move(*answer);
}

}  // namespace navkeeper::nav
