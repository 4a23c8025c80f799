/** What the shell learns; the list in `qunhub --help` is made from this. */
export const EXIT_DONE = 0
/** The gateway or a rule said no, or something failed on the way. */
export const EXIT_FAILED = 1
/** The command line or the configuration is wrong; nothing was tried. */
export const EXIT_USAGE = 2

export const exitCodesHelp = `
退出码 / exit codes:
  ${EXIT_DONE}  完成 / done
  ${EXIT_FAILED}  被拒绝或失败 / refused or failed
  ${EXIT_USAGE}  用法或配置有误 / wrong usage or bad configuration`
