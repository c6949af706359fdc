#include "services/custody/adapters/wallet_answer.h"

#include "common/base/base64.h"
#include "common/base/refuse.h"
#include "common/json/reader.h"
#include "common/json/write.h"

namespace navkeeper::custody {
namespace {

constexpr json::Limits kLimits{.bytes_max = std::size_t{2} << 20, .depth_max = 16};
constexpr std::string_view kKeyType = "tendermint/PubKeySecp256k1";

base::Bytes read_base64(json::ObjectReader& reader, std::string_view key) {
  auto bytes = base::from_base64(reader.string(key));
  if (!bytes) base::refuse(reader.path_of(key), "is not base64");
  return std::move(*bytes);
}

Adr36Signature read_signature(json::ObjectReader reader) {
  Adr36Signature answer;
  json::ObjectReader key = reader.object("pub_key");
  if (key.string("type") != kKeyType) base::refuse(key.path_of("type"), "must be " + std::string(kKeyType));
  answer.public_key = read_base64(key, "value");
  key.finish();
  answer.r_s = read_base64(reader, "signature");
  reader.finish();
  return answer;
}

}  // namespace

base::Checked<Adr36Signature> parse_wallet_answer(std::string_view text) {
  return base::checked([&] {
    const json::Value document = base::value_or_refuse(json::parse(text, kLimits));
    json::ObjectReader reader(document);
    if (!reader.has("signed")) return read_signature(std::move(reader));
    reader.ignore("signed");
    Adr36Signature answer = read_signature(reader.object("signature"));
    reader.finish();
    return answer;
  });
}

std::string canonical_wallet_answer(std::string_view text) {
  const auto answer = parse_wallet_answer(text);
  if (answer.has_error()) return std::string(text);
  json::Writer writer;
  writer.begin_object().key("pub_key").begin_object().member("type", kKeyType);
  writer.member("value", base::to_base64(answer->public_key)).end_object();
  return writer.member("signature", base::to_base64(answer->r_s)).end_object().take();
}

}  // namespace navkeeper::custody
