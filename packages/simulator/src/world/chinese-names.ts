import type { Chance } from '../chance.ts'

const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢',
]
const GIVEN_NAMES = [
  '子涵',
  '雨桐',
  '浩然',
  '欣怡',
  '梓轩',
  '思远',
  '佳琪',
  '晓明',
  '建国',
  '丽娟',
  '志强',
  '秀英',
  '俊杰',
  '婷婷',
  '天宇',
  '慧敏',
  '文博',
  '静怡',
  '海燕',
  '国栋',
  '晨曦',
  '若曦',
  '嘉豪',
  '美玲',
  '宇航',
  '诗涵',
  '立群',
  '春梅',
  '明哲',
  '可欣',
  '伟',
  '芳',
  '娜',
  '敏',
  '静',
  '磊',
  '洋',
  '艳',
  '勇',
  '杰',
  '涛',
  '超',
  '霞',
  '平',
  '刚',
  '桂英',
]
const NICK_ENDINGS = ['', '', '', '', '', '🌸', '妈妈', '-省钱小能手', '(忙)', '同学', '.', '🍀', '爱旅行']
const CORPORATIONS = [
  '杭州云栖百货有限公司',
  '深圳海风科技有限公司',
  '成都锦里食品有限公司',
  '上海晨光文具商行',
  '北京银杏教育咨询有限公司',
  '广州白云物流有限公司',
  '南京梧桐家居有限公司',
  '武汉江城餐饮管理有限公司',
  '西安长安文旅有限公司',
  '厦门鹭岛茶业有限公司',
]
const TOPIC_DISTRICTS = [
  '城西银泰',
  '滨江',
  '朝阳大悦城',
  '天府三街',
  '科技园',
  '徐家汇',
  '珠江新城',
  '武林路',
  '光谷',
  '曲江',
]
const TOPIC_SUBJECTS = [
  '会员福利群',
  '新品尝鲜群',
  '老客户答谢群',
  '亲子读书会',
  '周末团购群',
  '售后服务群',
  '早起打卡群',
  '水果拼单群',
  '护肤交流群',
  '装修避坑群',
]
const ROOM_ALIASES = [
  '店长',
  '团长小美',
  '3栋-502',
  '客服01',
  '班长',
  '小周妈妈',
  '华东-王经理',
  '7号楼管家',
  '值班同学',
]
const TITLES = ['客服', '导购', '店长', '运营', '区域经理', '售后']

/** A person's full name, as on a WeCom account. */
export const fullName = (chance: Chance) => chance.pick(SURNAMES) + chance.pick(GIVEN_NAMES)

/** What a customer calls itself on WeChat: a name, often with something stuck to it. */
export const nickName = (chance: Chance) => fullName(chance) + chance.pick(NICK_ENDINGS)

/** A coworker as companies write them: job and name. */
export const staffName = (chance: Chance) => `${chance.pick(TITLES)}-${fullName(chance)}`

export const corporationName = (chance: Chance) => chance.pick(CORPORATIONS)

export const roomTopic = (chance: Chance) => `${chance.pick(TOPIC_DISTRICTS)}${chance.pick(TOPIC_SUBJECTS)}`

export const roomAlias = (chance: Chance) => chance.pick(ROOM_ALIASES)
