/** The former Express, beside the one of today; what is used of it here is the same in both. */
declare module 'express4' {
  import express from 'express'
  export default express
}
