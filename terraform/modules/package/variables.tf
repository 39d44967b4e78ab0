variable "files" {
  description = "Text files of the archive: path inside the ZIP => content. Line ends become LF; up to two newlines are appended to a file for alignment."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.files) > 0
    error_message = "files is empty: a package needs at least one file."
  }

  validation {
    condition     = alltrue([for path in keys(var.files) : can(regex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", path))])
    error_message = "files has a path that is absolute, ends in '/', has an empty segment or a character other than A-Z a-z 0-9 _ . - /: ${join(", ", [for path in keys(var.files) : jsonencode(path) if !can(regex("^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", path))])}. Write it relative, like 'python/main.py'."
  }

  validation {
    condition     = alltrue([for path in keys(var.files) : !can(regex("(^|/)\\.{1,2}(/|$)", path))])
    error_message = "files has a path with a '.' or '..' segment: ${join(", ", [for path in keys(var.files) : path if can(regex("(^|/)\\.{1,2}(/|$)", path))])}. Write it relative to the archive's root."
  }

  validation {
    condition     = length(distinct([for path in keys(var.files) : lower(path)])) == length(var.files)
    error_message = "files has paths that differ only in case; they are one file on some systems. Rename one."
  }

  validation {
    condition     = length(setintersection(keys(var.files), flatten([for path in keys(var.files) : [for depth, _ in split("/", path) : join("/", slice(split("/", path), 0, depth))]]))) == 0
    error_message = "files has a path that is both a file and a folder: ${join(", ", setintersection(keys(var.files), flatten([for path in keys(var.files) : [for depth, _ in split("/", path) : join("/", slice(split("/", path), 0, depth))]])))}. Rename one."
  }

  validation {
    condition     = alltrue([for content in values(var.files) : !can(regex("[\\x00-\\x08\\x0e-\\x1a\\x1c-\\x1f]", content))])
    error_message = "files has content with control characters: ${join(", ", [for path, content in var.files : path if can(regex("[\\x00-\\x08\\x0e-\\x1a\\x1c-\\x1f]", content))])}. Only text can be packaged."
  }
}
