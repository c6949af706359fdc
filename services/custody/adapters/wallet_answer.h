#pragma once
// What a Cosmos wallet answers to "sign this message": the StdSignature of amino JSON,
//   {"pub_key":{"type":"tendermint/PubKeySecp256k1","value":"<base64>"},"signature":"<base64>"}
// alone, or as the member "signature" beside the document that was signed (which is not needed and not read:
// what was signed follows from address and message).
#include <string>
#include <string_view>

#include "common/base/refusal.h"
#include "services/custody/domain/signed_message.h"

namespace navkeeper::custody {

base::Checked<Adr36Signature> parse_wallet_answer(std::string_view text);
/// The one spelling of a wallet's answer: the StdSignature alone, canonical JSON. Any other text as it is.
std::string canonical_wallet_answer(std::string_view text);

}  // namespace navkeeper::custody
