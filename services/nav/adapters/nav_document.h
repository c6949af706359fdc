#pragma once
// The NAV document and the resolved inputs as canonical JSON, and what is read back from them.
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

class JsonDocuments final : public NavDocuments {
 public:
  std::string inputs(const ResolvedStrike& resolved) override;
  using NavDocuments::document;
  std::string document(const ResolvedStrike& resolved, const StrikeFigures& figures,
                       const std::string& inputs) override;
  std::string hash(const std::string& text) override;
  ResolvedStrike resolved(const std::string& inputs, const FundDefinition& definition) override;
  std::vector<std::string> differences(const std::string& before, const std::string& now) override;
};

/// The summary that its successor needs, from the two texts as stored. Throws base::Refused for texts that
/// were not written by JsonDocuments.
NavSummary read_summary(const std::string& document, const std::string& inputs);

/// `inputs` back as what was resolved, so that a NAV can be struck again from its own record. `source` is the
/// stored definition file.
ResolvedStrike read_inputs(const std::string& inputs, const FundDefinition& definition);

}  // namespace navkeeper::nav
