// SPDX-License-Identifier: Apache-2.0
// Reading single fields of Protocol Buffers, for what comes so often that making messages of it
// would cost more than the rest. Texts are views of the bytes that are read.
#pragma once

#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vigie::store::wire {

// Bytes that are read from their beginning. What is not as every protobuf library writes it may be
// refused: whoever reads falls back on a whole parse then. protobuf's CodedInputStream also reads
// from streams, and was a twentieth of what preparing an event costs.
class Input {
 public:
  explicit Input(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool at_end() const { return at_ == end_; }
  [[nodiscard]] size_t position() const { return static_cast<size_t>(at_ - begin_); }

  // False where the bytes do not hold it.
  [[nodiscard]] bool ReadVarint(uint64_t& value) { return ReadVarintOf(kLongVarintBytes, value); }
  [[nodiscard]] bool ReadBytes(std::string_view& bytes) {
    uint64_t size = 0;
    return ReadVarintOf(kShortVarintBytes, size) && ReadSome(size, bytes);
  }
  [[nodiscard]] bool ReadSome(uint64_t size, std::string_view& bytes) {
    if (size > static_cast<size_t>(end_ - at_)) return false;
    bytes = std::string_view(at_, size);
    at_ += size;
    return true;
  }
  // 0 where the bytes hold none.
  [[nodiscard]] uint32_t ReadTag() {
    uint64_t tag = 0;
    return ReadVarintOf(kShortVarintBytes, tag) && tag <= UINT32_MAX ? static_cast<uint32_t>(tag)
                                                                     : 0;
  }

 private:
  static constexpr int kLongVarintBytes = 10;  // Of 64 bits.
  static constexpr int kShortVarintBytes = 5;  // Of 32 bits: tags and sizes.
  static constexpr int kBitsOfByte = 7;
  static constexpr uint8_t kLowBits = 0x7f;

  bool ReadVarintOf(int most_bytes, uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < most_bytes * kBitsOfByte && at_ != end_; shift += kBitsOfByte) {
      const auto byte = static_cast<uint8_t>(*at_++);
      value |= static_cast<uint64_t>(byte & kLowBits) << shift;
      if (byte <= kLowBits) return true;
    }
    return false;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
};

constexpr uint32_t BytesTag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

constexpr uint32_t VarintTag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT);
}

constexpr uint32_t Fixed64Tag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_FIXED64);
}

inline int FieldOf(uint32_t tag) {
  return google::protobuf::internal::WireFormatLite::GetTagFieldNumber(tag);
}

// What follows a tag; false where the bytes do not hold it.
inline bool ReadVarint(Input& in, int64_t& number) {
  uint64_t value = 0;
  if (!in.ReadVarint(value)) return false;
  number = static_cast<int64_t>(value);
  return true;
}

// Of any field but a group.
inline bool SkipField(Input& in, uint32_t tag) {
  using google::protobuf::internal::WireFormatLite;
  uint64_t number = 0;
  std::string_view bytes;
  switch (WireFormatLite::GetTagWireType(tag)) {
    case WireFormatLite::WIRETYPE_VARINT:
      return in.ReadVarint(number);
    case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
      return in.ReadBytes(bytes);
    case WireFormatLite::WIRETYPE_FIXED32:
      return in.ReadSome(sizeof(uint32_t), bytes);
    case WireFormatLite::WIRETYPE_FIXED64:
      return in.ReadSome(sizeof(uint64_t), bytes);
    default:
      return false;
  }
}

// Calls `read(tag, in)` for each field up to the first whose number is over `last`. Returns where
// it ended, or npos where `read` said no, or where fields do not come in order; one comes again
// only if its number is `repeated`.
template <typename Read>
size_t ReadFields(std::string_view bytes, int last, int repeated, const Read& read) {
  Input in(bytes);
  int before = 0;
  for (;;) {
    const size_t at = in.position();
    if (in.at_end()) return at;
    const uint32_t tag = in.ReadTag();
    const int field = FieldOf(tag);
    if (field > last) return at;
    if (field == 0 || field < before || (field == before && field != repeated))
      return std::string_view::npos;
    if (!read(tag, in)) return std::string_view::npos;
    before = field;
  }
}

}  // namespace vigie::store::wire
