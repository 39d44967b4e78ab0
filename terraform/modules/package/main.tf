# A ZIP archive in plain HCL: the same sources are the same bytes on any machine, and no provider is needed.
#
# The trick: entries are stored, not compressed (APPNOTE 4.4.5, method 0), so an entry is a header, its name and its
# text. Base64 of segments whose lengths divide by 3 joins as text, so names and sources never have to become bytes;
# their CRC-32 and size stand ready at the end of a gzip stream (RFC 1952, 2.3.1). Only headers are built byte by byte.
# APPNOTE: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

locals {
  base64_digits = split("", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  base64_values = merge({ "=" = 0 }, { for value, digit in local.base64_digits : digit => value })
  ascii_from_45 = split("", "-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz")
  ascii_codes   = { for offset, character in local.ascii_from_45 : character => 45 + offset }

  # Contents: LF line ends, then one newline per '=' of base64, so that name and content fill whole groups of 3 bytes.
  unix     = { for path, content in var.files : path => replace(content, "\r\n", "\n") }
  padding  = { for path, content in local.unix : path => replace(base64encode("${path}${content}"), "/[^=]/", "") }
  contents = { for path, content in local.unix : path => "${content}${replace(local.padding[path], "=", "\n")}" }
  payloads = { for path, content in local.contents : path => base64encode("${path}${content}") }

  # CRC-32 and size, four bytes each, least first in gzip as in ZIP: the last 8 bytes, within the last 16 digits.
  gzip_tails = { for path, content in local.contents : path => strrev(substr(strrev(base64gzip(content)), 0, 16)) }
  gzip_bytes = { for path, tail in local.gzip_tails : path => flatten([
    for group in chunklist([for digit in split("", tail) : local.base64_values[digit]], 4) : [
      group[0] * 4 + floor(group[1] / 16), group[1] % 16 * 16 + floor(group[2] / 4), group[2] % 4 * 64 + group[3]
    ]
  ]) }
  crc_and_size = { for path, bytes in local.gzip_bytes : path => slice(
    bytes, 4 - length(replace(local.gzip_tails[path], "/[^=]/", "")), 12 - length(replace(local.gzip_tails[path], "/[^=]/", ""))
  ) }

  # What both headers of an entry share (APPNOTE 4.3.7, 4.3.12): version 1.0, no flags, method 0, 1980-01-01 00:00,
  # CRC-32, compressed and full size, length of the name, no extra field.
  shared = { for path, bytes in local.crc_and_size : path => concat(
    [10, 0, 0, 0, 0, 0, 0, 0, 33, 0], bytes, slice(bytes, 4, 8),
    [length(path) % 256, floor(length(path) / 256), 0, 0]
  ) }

  local_headers = { for path, shared in local.shared : path => concat([80, 75, 3, 4], shared) }

  # Where each entry starts, and at last where the central directory does.
  paths   = keys(var.files)
  lengths = tolist([for path in local.paths : 30 + length(local.payloads[path]) / 4 * 3])
  offsets = [for position, _ in concat(local.paths, [""]) : sum(concat([0], slice(local.lengths, 0, position)))]

  # Central directory (APPNOTE 4.3.12): made by Unix; no comment; disk 0; a regular file of mode 0644; offset; name.
  central_directory = flatten([for position, path in local.paths : [
    [80, 75, 1, 2, 10, 3], local.shared[path], [0, 0, 0, 0, 0, 0, 0, 0, 164, 129],
    [for power in range(4) : floor(local.offsets[position] / pow(256, power)) % 256],
    [for character in split("", path) : local.ascii_codes[character]]
  ]])

  # End of central directory (APPNOTE 4.3.16): disk 0; entries here and in all; size and offset of the directory; a
  # comment of newlines, which fills the last group of 3 bytes.
  comment = [for _ in range((3 - (length(local.central_directory) + 22) % 3) % 3) : 10]
  end_of_directory = flatten([
    [80, 75, 5, 6, 0, 0, 0, 0],
    [for _ in range(2) : [length(local.paths) % 256, floor(length(local.paths) / 256)]],
    [for number in [length(local.central_directory), local.offsets[length(local.paths)]] : [
      for power in range(4) : floor(number / pow(256, power)) % 256
    ]],
    [length(local.comment), 0], local.comment
  ])

  # Three bytes are four digits. The key of what follows the entries is one that no path can be.
  binary = merge(local.local_headers, { "" = concat(local.central_directory, local.end_of_directory) })
  encoded = { for key, bytes in local.binary : key => join("", flatten([
    for group in chunklist(bytes, 3) : [
      local.base64_digits[floor(group[0] / 4)],
      local.base64_digits[group[0] % 4 * 16 + floor(group[1] / 16)],
      local.base64_digits[group[1] % 16 * 4 + floor(group[2] / 64)],
      local.base64_digits[group[2] % 64]
    ]
  ])) }

  content_base64 = join("", concat(
    flatten([for path in local.paths : [local.encoded[path], local.payloads[path]]]),
    [local.encoded[""]]
  ))
}
