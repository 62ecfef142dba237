"""The files of a release, built from a commit: `make release`.

The same commit gives the same bytes, so that an operator can build a release again and compare the checksums:

- The sources are exported from git, so ignored and untracked files cannot get in.
- All times are the commit's (SOURCE_DATE_EPOCH, see reproducible-builds.org). Umask, locale and time zone are
  fixed.
- Images are saved by `release.image_archive`, because engines write the time of the build into theirs.
- Serial numbers of the SBOMs are derived from the checksum of the artifact.

The same bytes also need the same Python, zlib and base images.
"""
