// One venue's protocol, chosen when this file is compiled: any bytes as a websocket frame and as an answer of
// its REST interface. What comes out must be sound; the sanitizers watch the rest.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>
#include <vector>

#include "services/pricing/adapters/venues/live_book.h"
#include "tests/unit/services/pricing/venues/venues_fixture.h"

namespace {

using namespace navkeeper::pricing::venues;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto protocol = NAVKEEPER_FUZZ_VENUE();
  static Frame frame;
  static std::vector<LiveBook> books(protocol->instruments().size(), LiveBook(10));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  protocol->read(text, frame);
  for (const RawTrade& trade : frame.trades) {
    require(trade.instrument < books.size() && trade.price.is_positive() && trade.size.is_positive());
    require(trade.exchange_ns > 0 && !trade.id.text().empty());
  }
  for (const BookUpdate& update : frame.books) {
    require(update.instrument < books.size() &&
            update.first_level + update.level_count <= frame.levels.size());
    const auto problem = books[update.instrument].apply(
        update, std::span(frame.levels).subspan(update.first_level, update.level_count));
    require(problem.has_value() != books[update.instrument].valid());
  }
  const bool whole_refused = frame.refusal_count() == 1 && frame.refusals[0].problem == Problem::kNotJson;
  require(!whole_refused ||
          (frame.trades.empty() && frame.books.empty() && frame.fate() == Fate::kReconnect));

  Gap gap;
  gap.number_first = 5;
  gap.number_last = 9;
  gap.from_ns = 1;
  gap.until_ns = 1'700'000'000'000'000'000;
  const BackfillCursor cursor = protocol->begin_backfill(gap);
  const BackfillPage page = protocol->read_backfill(text, gap, cursor);
  for (const RawTrade& trade : page.trades) require(trade.price.is_positive() && trade.size.is_positive());
  if (!page.done) {
    (void)protocol->backfill_request(gap, page.next,
                                     navkeeper::time::Instant::from_ns(1'700'000'000'000'000'000));
  }
  return 0;
}
