// Addresses of the three chains: constants from public documents, every shared vector, and round trips.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <sstream>

#include "services/custody/domain/account_address.h"
#include "services/custody/domain/bitcoin_address.h"
#include "tests/support/process.h"
#include "tests/support/signer.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::bytes;
using tests::hex;
using tests::member;
using tests::shared_vectors;
using tests::Signer;
using tests::text;

// SEC 2: the generator, whose addresses many documents print.
const base::Bytes kGenerator = hex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");

crypto::PublicKey generator() { return *crypto::PublicKey::parse(kGenerator); }

std::string mainnet(const BitcoinOutput& output) {
  return BitcoinAddress{BitcoinNetwork::kMainnet, output}.to_string();
}

TEST(BitcoinAddress, OfTheGeneratorAreThoseThatDocumentsPrint) {
  // BIP-173 "Examples" and BIP-350 "Test vectors"; the base58 ones from the Bitcoin wiki.
  EXPECT_EQ(mainnet(p2pkh(generator().compressed())), "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH");
  EXPECT_EQ(mainnet(p2pkh(generator().uncompressed())), "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm");
  EXPECT_EQ(mainnet(p2wpkh(generator())), "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
  EXPECT_EQ(mainnet(p2sh(p2wpkh(generator()).script())), "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN");
  base::Bytes pay_to_key{33};
  pay_to_key.insert(pay_to_key.end(), kGenerator.begin(), kGenerator.end());
  pay_to_key.push_back(0xac);
  EXPECT_EQ(mainnet(p2wsh(pay_to_key)), "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3");
  EXPECT_EQ(mainnet({OutputKind::kP2tr, 1, {kGenerator.begin() + 1, kGenerator.end()}}),
            "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0");
}

TEST(BitcoinAddress, TaprootKeyIsThatOfBip86) {
  // BIP-86, account 0, first receiving address: internal key and address.
  const auto internal =
      crypto::PublicKey::from_x_only(hex("cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115"));
  ASSERT_TRUE(internal);
  EXPECT_EQ(mainnet(*p2tr(*internal)), "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr");
}

TEST(BitcoinAddress, RoundTripsThroughTextAndScript) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const auto network = *rc::gen::element(BitcoinNetwork::kMainnet, BitcoinNetwork::kTestnet);
    const auto kind = *rc::gen::element(OutputKind::kP2pkh, OutputKind::kP2sh, OutputKind::kP2wpkh,
                                        OutputKind::kP2wsh, OutputKind::kP2tr, OutputKind::kUnknownWitness);
    const bool long_program = kind == OutputKind::kP2wsh || kind == OutputKind::kP2tr;
    const auto program =
        *rc::gen::container<base::Bytes>(long_program ? 32 : 20, rc::gen::arbitrary<std::uint8_t>());
    const std::uint8_t version = kind == OutputKind::kP2tr ? std::uint8_t{1}
                                 : kind == OutputKind::kUnknownWitness
                                     ? *rc::gen::inRange<std::uint8_t>(1, 17)
                                     : std::uint8_t{0};
    const BitcoinAddress address{network, {kind, version, program}};
    RC_ASSERT(*BitcoinAddress::parse(address.to_string()) == address);
    RC_ASSERT(output_of_script(address.output.script()) == address.output);
    std::string bent = address.to_string();
    const auto at = *rc::gen::inRange<std::size_t>(0, bent.size());
    bent[at] = bent[at] == 'q' ? 'p' : 'q';
    RC_ASSERT(BitcoinAddress::parse(bent).has_error());
  }));
}

TEST(BitcoinAddress, ScriptsWithoutAnAddressHaveNone) {
  EXPECT_FALSE(output_of_script({}));
  EXPECT_FALSE(output_of_script(hex("6a")));
  EXPECT_FALSE(output_of_script(hex("ac")));
  base::Bytes script = p2pkh(kGenerator).script();
  script.back() = 0xad;
  EXPECT_FALSE(output_of_script(script));
  EXPECT_FALSE(output_of_script(hex("0015751e76e8199196d454941c45d1b3a323f1433bd600")));
}

void expect_addresses(const json::Value& file, std::size_t valid, std::size_t invalid,
                      const std::vector<std::string>& replaced) {
  EXPECT_EQ(member(file, "valid_addresses").as_array().size(), valid);
  int read = 0;
  for (const auto& one : member(file, "valid_addresses").as_array()) {
    const std::string address = text(one, "address");
    const auto parsed = BitcoinAddress::parse(address);
    if (std::find(replaced.begin(), replaced.end(), address) != replaced.end()) {
      EXPECT_TRUE(parsed.has_error()) << address << ": BIP-350 replaced its checksum";
      continue;
    }
    ASSERT_FALSE(parsed.has_error()) << address;
    ++read;
    EXPECT_EQ(base::to_hex(parsed->output.script()), text(one, "scriptPubKey"));
    EXPECT_EQ(output_of_script(bytes(one, "scriptPubKey")), parsed->output);
  }
  EXPECT_EQ(static_cast<std::size_t>(read), valid - replaced.size());
  EXPECT_EQ(member(file, "invalid_addresses").as_array().size(), invalid);
  for (const auto& one : member(file, "invalid_addresses").as_array()) {
    EXPECT_TRUE(BitcoinAddress::parse(text(one, "address")).has_error()) << text(one, "reason");
  }
}

TEST(Vectors, AddressesOfBip173) {
  const auto file = shared_vectors("vectors/bips/bip-0173_test-vectors.extracted.json");
  SKIP_WITHOUT(file, "bip-0173");
  expect_addresses(*file, 6, 10,
                   {"bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7k7grplx",
                    "BC1SW50QA3JX3S", "bc1zw508d6qejxtdg4y5r3zarvaryvg6kdaj"});
}

TEST(Vectors, AddressesOfBip350) {
  const auto file = shared_vectors("vectors/bips/bip-0350_test-vectors.extracted.json");
  SKIP_WITHOUT(file, "bip-0350");
  expect_addresses(*file, 8, 15, {});
}

/// The value behind "name = " at its `nth` occurrence (from 0) in the text of BIP-84.
std::string named(const std::string& document, const std::string& name, int nth) {
  std::istringstream lines(document);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string key;
    std::string equals;
    std::string value;
    if (words >> key >> equals >> value && key == name && equals == "=" && nth-- == 0) return value;
  }
  return "";
}

TEST(Bip84, FirstAddressesOfTheDocument) {
  // BIP-84, "Test vectors".
  const auto account = crypto::ExtendedPublicKey::parse(
      "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2o"
      "z2A"
      "GutZYs");
  ASSERT_FALSE(account.has_error());
  EXPECT_EQ(bip84_address(*account, false, 0)->to_string(), "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
  EXPECT_EQ(bip84_address(*account, false, 1)->to_string(), "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g");
  EXPECT_EQ(bip84_address(*account, true, 0)->to_string(), "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el");
  EXPECT_EQ(bip84_addresses(*account, false, 0, 2)->at(1), *bip84_address(*account, false, 1));
  EXPECT_TRUE(bip84_addresses(*account, false, crypto::kHardened - 1, 2).has_error());
  EXPECT_TRUE(bip84_address(*account, false, crypto::kHardened).has_error());
}

TEST(Vectors, Bip84Document) {
  const auto folder = tests::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no shared data: bip-0084 was not checked";
  const std::string document = tests::read_file(folder / "vectors/bips/bip-0084_test-vectors.txt");
  const auto account = crypto::ExtendedPublicKey::parse(named(document, "xpub", 0));
  ASSERT_FALSE(account.has_error());
  const std::pair<bool, std::uint32_t> places[] = {{false, 0}, {false, 1}, {true, 0}};
  for (int i = 0; i < 3; ++i) {
    const auto [change, index] = places[i];
    EXPECT_EQ(bip84_address(*account, change, index)->to_string(), named(document, "address", i));
    EXPECT_EQ(base::to_hex(account->descendant({change ? 1U : 0U, index})->key().compressed()),
              named(document, "pubkey", i));
  }
}

TEST(EthereumAddress, ChecksumIsThatOfErc55) {
  // ERC-55, "Test cases".
  for (const char* address :
       {"0x52908400098527886E0F7030069857D2E4169EE7", "0xde709f2102306220921060314715629080e2fb77",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"}) {
    const auto parsed = EthereumAddress::parse(address);
    ASSERT_FALSE(parsed.has_error());
    EXPECT_EQ(parsed->to_string(), address);
  }
  EXPECT_TRUE(EthereumAddress::parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD").has_error());
  EXPECT_FALSE(EthereumAddress::parse("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").has_error());
  for (const char* bad :
       {"", "0x", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed00", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
        "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"}) {
    EXPECT_TRUE(EthereumAddress::parse(bad).has_error()) << bad;
  }
}

TEST(Vectors, AddressesOfErc55) {
  const auto folder = tests::shared_data();
  if (folder.empty()) GTEST_SKIP() << "no shared data: erc-55 was not checked";
  std::istringstream lines(tests::read_file(folder / "vectors/eth/erc-55_addresses.txt"));
  std::string line;
  int addresses = 0;
  while (std::getline(lines, line)) {
    if (line.empty()) continue;
    ++addresses;
    const auto parsed = EthereumAddress::parse(line);
    ASSERT_FALSE(parsed.has_error()) << line;
    EXPECT_EQ(parsed->to_string(), line);
  }
  EXPECT_EQ(addresses, 8);
}

TEST(Vectors, AccountsOfEthers) {
  const auto file = shared_vectors("vectors/ethers/accounts.json");
  SKIP_WITHOUT(file, "ethers/accounts.json");
  EXPECT_EQ(file->as_array().size(), 259U);
  int with_key = 0;
  for (const auto& one : file->as_array()) {
    const auto address = EthereumAddress::parse(text(one, "address"));
    ASSERT_FALSE(address.has_error()) << text(one, "address");
    if (one.find("privateKey") == nullptr) continue;
    ++with_key;
    EXPECT_EQ(EthereumAddress::of(Signer(bytes(one, "privateKey")).key()).to_string(), text(one, "address"));
  }
  EXPECT_EQ(with_key, 259);
}

TEST(CosmosAddress, OneKeyHasTheSameBytesUnderEachPrefix) {
  // chain-docs, docs/chain-details/chain-id.md.
  const auto account = CosmosAddress::parse("cro1zdlttjrqh9jsgk2l8tgn6f0kxlfy98s3zwpck7");
  ASSERT_FALSE(account.has_error());
  EXPECT_EQ((CosmosAddress{CosmosRole::kValidator, account->bytes}).to_string(),
            "crocncl1zdlttjrqh9jsgk2l8tgn6f0kxlfy98s3prz35z");
  EXPECT_EQ((CosmosAddress{CosmosRole::kConsensus, account->bytes}).to_string(),
            "crocnclcons1zdlttjrqh9jsgk2l8tgn6f0kxlfy98s34pfmlc");
  // wallet-core's test of a mainnet transfer: key and address.
  EXPECT_EQ(CosmosAddress::of(*crypto::PublicKey::parse(
                                  hex("038831b061623e7e8be59d888c71084a45c8d089307cbf5ec55dc62c1d7bd56be3")))
                .to_string(),
            "cro1ctwtcwpgksky988dhth6jslxveumgu0d45zgf0");
  for (const char* bad :
       {"", "cro1", "cosmos1hftz5ugqmpg9243xeegsqqav62f8hnywsjr4xr",
        "cro1zdlttjrqh9jsgk2l8tgn6f0kxlfy98s3zwpck8", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}) {
    EXPECT_TRUE(CosmosAddress::parse(bad).has_error()) << bad;
  }
}

TEST(Vectors, PrefixesOfCronosPos) {
  const auto file = shared_vectors("vectors/cosmos/cro_bech32_prefixes.json");
  SKIP_WITHOUT(file, "cosmos/cro_bech32_prefixes.json");
  const auto account = CosmosAddress::parse(text(*file, "acc"));
  const auto validator = CosmosAddress::parse(text(*file, "val"));
  const auto consensus = CosmosAddress::parse(text(*file, "cons"));
  ASSERT_TRUE(!account.has_error() && !validator.has_error() && !consensus.has_error());
  EXPECT_EQ(account->bytes, validator->bytes);
  EXPECT_EQ(account->bytes, consensus->bytes);
  EXPECT_EQ(account->role, CosmosRole::kAccount);
  EXPECT_EQ(validator->role, CosmosRole::kValidator);
  EXPECT_EQ(consensus->role, CosmosRole::kConsensus);
}

TEST(AccountAddress, RoundTrips) {
  EXPECT_TRUE(rc::check("round trip", [] {
    const crypto::PublicKey key = Signer(*rc::gen::arbitrary<std::uint64_t>()).key();
    RC_ASSERT(*EthereumAddress::parse(EthereumAddress::of(key).to_string()) == EthereumAddress::of(key));
    RC_ASSERT(*CosmosAddress::parse(CosmosAddress::of(key).to_string()) == CosmosAddress::of(key));
  }));
}

}  // namespace
}  // namespace navkeeper::custody
