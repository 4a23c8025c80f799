import { both } from './both.ts'

export const signInWords = both(
  {
    title: '登录',
    setUpTitle: '第一次使用',
    setUpWhy: '还没有所有者。用一次性设置码设定姓名和口令，你就是第一个。',
    where: '设置码在启动网关的终端里；也可以在那台机器上运行：',
    code: '一次性设置码',
    name: '姓名',
    password: '口令',
    passwordHint: '12 到 256 个字符',
    setUp: '设定口令并登录',
    signIn: '登录',
    haveCode: '我有设置码',
    havePassword: '我有口令',
    forgot: '忘了口令？请所有者再发一个设置码，或在网关的机器上运行：',
    over: '登录已过期，请重新登录；之后回到刚才的页面。',
  },
  {
    title: 'Sign in',
    setUpTitle: 'First use',
    setUpWhy:
      'There is no owner yet. Choose a name and a password with a one-time setup code, and you are the first.',
    where: 'The setup code stands in the terminal that started the gateway; or run there:',
    code: 'One-time setup code',
    name: 'Name',
    password: 'Password',
    passwordHint: '12 to 256 characters',
    setUp: 'Set the password and sign in',
    signIn: 'Sign in',
    haveCode: 'I have a setup code',
    havePassword: 'I have a password',
    forgot: 'Forgot the password? Ask an owner for another setup code, or run on the gateway’s machine:',
    over: 'Your session has ended. Sign in again; you come back to where you were.',
  },
)
