/** How the caller takes an answer packed (RFC 9110, 12.5.3). `gzip;q=0` is a no, and `x-gzip` is gzip (8.4.1.3). */
export const acceptedEncodings = (header: string | string[] | undefined): ReadonlySet<string> =>
  new Set(
    String(header ?? '')
      .split(',')
      .map(part => part.trim().toLowerCase())
      .filter(part => !/;\s*q=0(\.0*)?$/.test(part))
      .map(part =>
        part
          .split(';')[0]!
          .trim()
          .replace(/^x-gzip$/, 'gzip'),
      ),
  )
