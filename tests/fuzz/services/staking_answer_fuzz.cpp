// What the staking service answers nav: any bytes are read, or refused with a rule; what is read can be added
// up.
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/adapters/staking_answer.h"

namespace {

template <class Read>
void check(Read&& read) {
  try {
    const auto result = navkeeper::base::checked(read);
    if (result.has_error()) ENSURE(!result.error().rule.empty());
  } catch (const std::overflow_error&) {  // its callers say so
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace navkeeper::nav;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check([&] { return read_cut_offs(text, navkeeper::time::Instant::latest()); });
  check([&] {
    StakingPage page = read_staking_page(text);
    sort_for_booking(page.events);
    return page;
  });
  check([&] { return read_contradictions(text, navkeeper::time::Instant::earliest()); });
  check([&] {
    StakedIlliquid illiquid;
    add_illiquid(illiquid, text);
    add_illiquid(illiquid, text);
    return illiquid;
  });
  check([&] {
    PeerStatement statement;
    const StakingPositions positions = read_staking_positions(text, "cronos");
    for (const StakingCutOff& state : positions.states) add_source(statement, state, {}, positions);
    return statement;
  });
  check([&] {
    PeerStatement statement;
    StakingCutOff state;
    state.chain = "cronos_pos";
    add_source(statement, state, read_totals(text, "cronos"), {});
    return statement;
  });
  return 0;
}
