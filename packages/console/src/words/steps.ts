import { both } from './both.ts'

/** Looking at an address, step by step. */
export const stepsWords = both(
  {
    tryIt: '试连接',
    trying: '正在试，最多十几秒',
    needs: '先填好地址和 token',
    reached: '连得上，可以保存',
    notReached: '还不通；保存了也会一直重试',
    other: (given: string, expected: string) => `登录的是 ${given}，不是预期的 ${expected}`,
    ms: '毫秒',
    verdicts: { passed: '通过', warned: '注意', failed: '不通', unseen: '看不到' },
    steps: {
      discovery: '发现服务',
      name: '域名',
      connection: '连接',
      certificate: '证书',
      puppet: 'puppet',
      account: '账号',
    } as Readonly<Record<string, string>>,
  },
  {
    tryIt: 'Try it',
    trying: 'Trying; a dozen seconds at most',
    needs: 'Address and token come first',
    reached: 'It can be reached: save it',
    notReached: 'It cannot be reached; if it is saved, the gateway keeps trying',
    other: (given, expected) => `${given} is logged in, and not ${expected}, who is expected`,
    ms: 'ms',
    verdicts: { passed: 'passed', warned: 'mind', failed: 'failed', unseen: 'unseen' },
    steps: {
      discovery: 'Discovery',
      name: 'Name',
      connection: 'Connection',
      certificate: 'Certificate',
      puppet: 'Puppet',
      account: 'Account',
    },
  },
)
